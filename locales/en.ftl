# What mails and notifications say, in English. A site in another language takes a copy of this file
# (`streamly mail texts` prints it), translates it and names it in the setting site.texts; what is
# missing there is said in English. The format is Fluent: https://projectfluent.org
#
# Every message may use { $site }, the name of the site; the others only what stands in them here.

## Pieces that others are made of

# How long something lasts. $unit is day, hour or minute.
time = { $unit ->
    [day] { $number ->
        [one] { $number } day
       *[other] { $number } days
    }
    [hour] { $number ->
        [one] { $number } hour
       *[other] { $number } hours
    }
   *[minute] { $number ->
        [one] { $number } minute
       *[other] { $number } minutes
    }
}

month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

date = { $day } { month } { $year }

moment = { date } at { $clock } UTC

# A browser in words. $known says which of the two are known: both, browser, system or none.
device = { $known ->
    [both] { $browser } on { system }
    [browser] { $browser }
    [system] A browser on { system }
   *[none] An unknown browser
}

system = { $system ->
    [iPhone] an iPhone
    [iPad] an iPad
    [Mac] a Mac
   *[other] { $system }
}

## The frame of every mail

mail-frame =
    .hello = Hello { $name },
    .hello-nobody = Hello,
    .button-fails = If the button does not work, copy this address into your browser:
    .reason = You get this mail because this address belongs to an account at { $site }.
    .reason-typed = You get this mail because this address was typed in at { $site }.

## Accounts

confirm-email = Confirm your e-mail address
    .welcome = welcome to { $site }! Somebody, most likely you, has joined with this address under the name { $username }.
    .confirm = Confirm the address, and you can log in, write, and follow others.
    .button = Confirm the address
    .life = The link is good for { time }.
    .not-you = If it was not you, do nothing: without this step nobody can use the account.

already-registered = You already have an account
    .tried = somebody has just tried to join { $site } with this address, or asked for a new confirmation link.
    .nothing-changed = You already have an account, and its user name is { $username }. Nothing was changed.
    .button = Log in
    .forgotten = If you do not know the password any more, choose a new one: { $url }
    .not-you = If it was not you, you need not do anything.

welcome = Welcome to { $site }
    .confirmed = your address is confirmed, and the account is yours.
    .beginning = A good beginning: say who you are in your profile, read what others write, and start your first post. A draft is seen by nobody but you.
    .markdown = Texts are written in Markdown, are saved while you type, and can be had back in every earlier version.
    .button = Write something
    .profile = Your profile: { $url }

reset-password = Choose a new password
    .asked = somebody, most likely you, has asked for a new password for your account.
    .choose = With the button below you choose one. A few words that do not belong together are easy to remember and hard to guess; use them nowhere else.
    .button = Choose a new password
    .life = The link is good for { time }, once. A newer one makes it void.
    .not-you = If it was not you, do nothing: your password stays as it is.

password-changed = Your password was changed
    .changed = the password of your account was changed on { moment }.
    .logged-out = Everybody else who was logged in with the old one has been logged out.
    .button = It was not me
    .you = If it was you, all is well.
    .not-you = If not, choose a new password at once, and look whether somebody can read your mail.

change-email = Confirm your new e-mail address
    .confirm = the account { $username } at { $site } is to have this address. Confirm that it is yours.
    .button = Use this address
    .life = The link is good for { time }.
    .not-you = If it was not you, do nothing: the account keeps its old address.

email-change-asked = Your address is about to change
    .asked = somebody who knows your password has asked to give your account another e-mail address. It is changed as soon as the new address is confirmed.
    .button = It was not me
    .you = If it was you, all is well.
    .not-you = If not, choose a new password at once: that makes the change void.

email-changed = Your address was changed
    .changed = your account has another e-mail address now. This is the last mail to the old one.
    .button = Write to us
    .not-you = If it was not you, write to the people who run the site.

deletion-requested = Your account will be deleted
    .closed = your account is closed, and nobody sees it any more.
    .until = On { date } it is deleted for good, with everything you wrote. Until then you can have it back: log in as always, and say that you want to keep it.
    .button = Keep my account
    .not-you = If it was not you who closed it, log in and choose a new password.

# $address is the network that somebody came from; nothing when it is not kept.
new-device = A new browser is logged in
    .logged-in = somebody, most likely you, has just logged in to your account with a browser that it was not used with before.
    .where = { device }, on { moment }.
    .where-from = { device }, from the network { $address }, on { moment }.
    .button = See where you are logged in
    .you = If it was you, all is well: this browser is known from now on.
    .not-you = If not, somebody knows your password. Choose a new one at once, which logs everybody else out: { $url }

export-ready = Your data is ready
    .ready = the file with your data that you asked for is ready ({ $size }).
    .until = You can fetch it until { moment }. Then it is deleted, and you can have a new one made.
    .button = Get the file
    .only-you = The link alone opens nothing: the file is given only to you, logged in.
    .not-you = If you did not ask for it, somebody else uses your account: choose a new password.

## The site

test-mail = A test
    .arrives = If you can read this, mail of this site arrives.
    .reason = Somebody who runs the site asked for this mail.

contact = Message from { $name }
    .writes = { $name } ({ $email }) writes:
    .writes-member = { $name }, logged in as @{ $username } ({ $email }) writes:
    .answer = Answer this mail to answer them.
    .reason = You get this mail because you read the messages of the contact page.

## Notifications: on the page, and as the subject of a mail

# Who did it. $others counts those who did the same, up to 100.
who = { $others ->
    [0] { $name }
    [100] { $name } and many others
    [one] { $name } and { $others } other
   *[other] { $name } and { $others } others
}

told-comment = { who } commented on “{ $post }”
told-reply = { who } answered your comment on “{ $post }”
told-mention = { who } mentioned you in a comment on “{ $post }”
told-like = { who } liked “{ $post }”
told-like-comment = { who } liked your comment on “{ $post }”
told-follow = { $others ->
    [0] { who } follows you
   *[other] { who } follow you
}
told-post = { who } published “{ $post }”

told-removed = Your comment on “{ $post }” was removed by a moderator
told-removed-by-author = Your comment on “{ $post }” was removed by the author of the post
told-approved = Your comment on “{ $post }” was approved
told-visible-again = Your comment on “{ $post }” is visible again
told-hidden = Your comment on “{ $post }” was hidden by a moderator
told-spam = Your comment on “{ $post }” was taken for spam
told-reason = The reason: { $reason }

told-post-hidden = Your post “{ $post }” was hidden by a moderator
told-post-deleted = Your post “{ $post }” was deleted by a moderator
told-scheduled = Your post “{ $post }” is published
    .when = It went out as planned, on { moment }.

told-report-decided = Your report of a comment on “{ $post }” was decided
    .stays = A moderator has looked at it, and the comment stays.
    .gone = Thank you: a moderator has taken the comment away.
told-report-deleted = A comment on “{ $post }” that you reported was deleted
    .closed = Thank you: nobody sees it any more, and your report is closed.

## Mails of notifications

# $kind is what a notification is about.
notify = { $kind ->
    [comment] Comments on your posts
    [reply] Answers to your comments
    [mention] Mentions of you
    [like] Likes
    [follow] New followers
    [post] New posts of people you follow
    [moderation] Decisions of moderators
   *[system] Messages from the site
}
    .button = { $kind ->
        [comment] Read and answer
        [reply] Read and answer
        [mention] Read and answer
        [follow] See who it is
        [post] Read the post
        [scheduled] See it
       *[other] Have a look
    }
    .reason = You get this mail because your settings at { $site } ask for mail at once about: { notify }. Other choices: { $url }
    .leave = No more mails of this kind

digest-daily = Your day at { $site }
    .unread = this is what you have not read yet:
    .more = … and more
    .button = See all
    .reason = You get this mail because your settings at { $site } ask for a daily letter. Other choices: { $url }
    .leave = No more daily letters

digest-weekly = Your week at { $site }
    .unread = this is what you have not read yet:
    .more = … and more
    .button = See all
    .reason = You get this mail because your settings at { $site } ask for a weekly letter. Other choices: { $url }
    .leave = No more weekly letters
