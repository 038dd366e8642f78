"""A real SMTP server (aiosmtpd) for tests: keeps what it is sent, and misbehaves when it is told to.

    python3 server.py PORT FOLDER [--tls] [--auth NAME PASSWORD]

FOLDER/mood says how it treats its callers from the next command on; it may be rewritten at any time:

    friendly         takes everything
    slow SECONDS     waits so long before each answer
    busy             says "come back later" to every sender (451)
    grey             says so once to each recipient (451), and then takes the mail
    refuse           refuses every recipient for good (550)
    cut              hangs up in the middle of the message

FOLDER/mails gets a line of JSON for each mail, before the server says that it has it; FOLDER/calls a
line for each mail that was begun. With --tls nothing is taken before STARTTLS; FOLDER/cert.pem and
FOLDER/key.pem are made by openssl when they are not there. With --auth nothing without a login.
"""

import argparse
import asyncio
import json
import pathlib
import ssl
import subprocess

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    """Takes mails, as the mood is."""

    def __init__(self, folder):
        self.folder = folder
        self.greeted = set()

    def mood(self):
        words = (self.folder / "mood").read_text().split()
        return words or ["friendly"]

    def note(self, name, what):
        with (self.folder / name).open("a") as file:
            file.write(json.dumps(what) + "\n")

    async def pause(self):
        mood = self.mood()
        if mood[0] == "slow":
            await asyncio.sleep(float(mood[1]))

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.note("calls", address)
        await self.pause()
        if self.mood()[0] == "busy":
            return "451 4.3.2 come back later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 go on"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.pause()
        mood = self.mood()[0]
        if mood == "refuse":
            return f"550 5.1.1 <{address}>: nobody here"
        if mood == "grey" and address not in self.greeted:
            self.greeted.add(address)
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, server, session, envelope):
        await self.pause()
        self.note("mails", {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "raw": envelope.content.decode("latin-1"),
            "tls": session.ssl is not None,
            "login": session.authenticated,
        })
        return "250 2.0.0 kept"


class Server(SMTP):
    """The server of one connection."""

    async def smtp_DATA(self, arg):
        if self.event_handler.mood()[0] != "cut":
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.read(64)
        self.transport.abort()


def certificate(folder):
    """A context with a certificate for localhost that nobody but these tests trusts."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    if not cert.exists():
        subprocess.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-keyout", str(key), "-out", str(cert),
        ], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def authenticator(name, password):
    def check(server, session, envelope, mechanism, data):
        right = (name.encode(), password.encode())
        good = isinstance(data, LoginPassword) and (data.login, data.password) == right
        return AuthResult(success=good, handled=False)
    return check


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--auth", nargs=2, metavar=("NAME", "PASSWORD"))
    args = parser.parse_args()
    keeper = Keeper(args.folder)
    settings = {"hostname": "mail.test", "enable_SMTPUTF8": True, "ident": "a server for tests"}
    if args.tls:
        settings.update(tls_context=certificate(args.folder), require_starttls=True)
    if args.auth:
        settings.update(
            authenticator=authenticator(*args.auth),
            auth_required=True,
            auth_require_tls=args.tls,
        )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(keeper, loop=loop, **settings), "127.0.0.1", args.port
    )
    await server.serve_forever()


asyncio.run(main())
