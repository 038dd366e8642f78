//! The command line: `streamly serve` and everything an operator does from the shell.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    streamly::command::run()
}
