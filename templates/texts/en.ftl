# Fixed texts in English, complete by definition. In texts, $count and $number are numbers; everything else is words.

## Numbers, lists, dates
list-comma = { ", " }
label = { $name }:
list-last = { $first } and { $last }
date-day = { $day } { $month } { $year }
date-day-month = { $day } { $month }
date-days = { $from }–{ $to } { $month }
date-range = { $first } – { $last }
date-range-months = { $from } { $first } – { $to } { $last } { $year }
date-range-same-month = { $from }–{ $to } { $month } { $year }

## The digest
issue-number = No. { $number }
read-online = Read online
in-this-issue = In this issue
stories = { $count ->
    [one] 1 story
   *[other] { $count } stories
}
covers-days = the last { $count } days
covers-weeks = { $count ->
    [2] the last two weeks
    [3] the last three weeks
    [4] the last four weeks
   *[other] the last { $count } weeks
}
minutes = { $count } min
minutes-read = { $count } min read
by = By { $name }
also-at = also at { $name }
lead-story = Lead story
picture = Picture: { $name }
filed-under = Filed under { $name }
read-column = Read the { $name } column
read-at = Read the story at { $name }
more-on-web = { $count } more on the web
events = Events
sponsored = Sponsored
correction-to = Correction to No. { $number }
next-for-you = Next for you
most-read = Most read
more-from = More from { $name }
subscribers-only = Subscribers only
add-to-calendar = Add to calendar
why-you = You receive { $newsletter } because { $address } was confirmed on { $date }.
manage-preferences = Manage preferences
unsubscribe = Unsubscribe
view-in-browser = View in browser
privacy = Privacy
forwarded = Forwarded to you?
subscribe-to = Subscribe to { $newsletter }

## Pages
skip = Skip to content
contact = Contact
to-front = To the front page
write-to-us = Write to us
front-title = Newsletters
front-deck = What { $name } sends by email, to read here first.
front-none = No issue yet.
forwarded-web = The next issue comes by email, if you like.
read-on-web = Read { $newsletter } on the web
not-found-title = Nothing here
not-found-deck = There is no page at this address. It may have been mistyped, or the link was cut in two.
failure-title = That did not work
failure-deck = Something went wrong on our side. Nothing of yours is lost; please try again in a few minutes.
link-title = This link does not work
link-deck = It may have been cut in two on its way, or it is too old. The links in the latest issue in your mailbox work.
leave-title = Leave the list?
leave-deck = Press the button, and { $address } gets nothing more from { $newsletter }, starting now.
leave-button = Unsubscribe { $address }
leave-choose = Choose fewer subjects instead
leave-note = The unsubscribe button of your mail program does the same, without this page.
goodbye-title = You have left
goodbye-deck = { $address } gets nothing more from { $newsletter }. Thank you for reading.
goodbye-note = Left by mistake? Sign up again at any time; we will ask you to confirm, as we did the first time.
preferences-title = Your preferences
preferences-for = For { $address }, confirmed on { $date }. This private link is yours alone; please do not forward it.
preferences-saved = Saved. The next issue follows your choice.
preferences-topics = Subjects
preferences-save = Save preferences
preferences-leave = Leaving
preferences-leave-note = No more issues of { $newsletter }, from now on. You will be asked once whether you mean it.
topics-everything = Everything
topics-everything-note = Subjects that come later, too
topics-only = Only what I choose
leave-all = Leave everything from { $name }
goodbye-deck-unnamed = You get nothing more from { $newsletter }. Thank you for reading.
preferences-pause = Pause
pause-until = No mail before
pause-note = Mail comes again from that day on, without asking. Leave it empty for mail every time.
pause-open = No mail until I come back here
wrong-topics = Nothing was saved: choose at least one subject, or everything.
wrong-day = Nothing was saved: the day must lie after today, within a year.
form-title = This could not be read
form-deck = The form arrived incomplete or too large, and nothing was changed. Please go back and try again.

## The archive
navigation = Pages
nav-issues = Issues
nav-subscribe = Subscribe
archive-title = Every issue of { $newsletter }
archive-all = All issues
archive-latest = Latest issues
archive-older = Older issues
archive-pages = Older and newer
issue-older = Before: { $name }
issue-newer = After: { $name }
pages-newer = Newer
pages-older = Older
date-month = { $month } { $year }
search-title = Search
search-label = Search the issues
search-button = Search
search-none = Nothing holds all of these words: { $words }. Try fewer, or a subject below.
by-subject = By subject
follow = Follow
follow-mail = Get it by email
follow-feed = Follow by { $name }
events-none = No dates are known at the moment.
events-calendar = All dates for your calendar
amended-title = Changed since it was mailed
withdrawn-deck = This issue was withdrawn on { $date }.
readers-only-title = For readers
readers-only-deck = Issues of { $newsletter } are for those who get it by email. The link in the mail opens them.

## Signing up
subscribe-button = Subscribe
subscribe-deck = What { $name } sends by email. One click ends it.
email-address = Email address
subscribe-more = Subjects, language, format
subscribe-newsletters = Newsletters to get
subscribe-subjects-of = Subjects of { $newsletter }
subscribe-subjects-note = Tick none, and you get everything.
language = Language
format = Format of the mail
format-html = Designed
format-html-note = with a plain-text part inside
format-text = Plain text only
format-text-note = no pictures
subscribe-promise = We send nothing before you confirm. One click ends it. No tracking pixels, no shared lists.
privacy-how = How we handle your address
leave-empty = Leave this empty
latest-issue = In the latest issue
read-latest = Read No. { $number }
wrong-address = That is no address that mail can be sent to. It needs the form name@example.org.
wrong-role = Mail to that address is read by machines or administrators. Please give your own.
wrong-disposable = Addresses of that kind vanish soon after they are made. Please give one that stays.
wrong-newsletter = Choose at least one newsletter.
one-more-press = Please press the button once more, so that we know a person did.
typo-title = Did you mean { $address }?
typo-use = Yes, { $address }
typo-keep = No, { $address } is right
sent-title = Check your mail
sent-deck = { $count ->
    [one] If the address is right, a mail is on its way to it. Press its button within a day; nothing comes before that.
   *[other] If the address is right, a mail is on its way to it. Press its button within { $count } days; nothing comes before that.
}
sent-note = Nothing there after a few minutes? Look among the unwanted mail. An address is written to once a day at most, however often it is given.
sent-again = Give another address
busy-title = Not just now
busy-deck = More people are asking than we let in at once. Nothing was stored; please come back in an hour, or write to us.
confirm-title = One last step
confirm-deck = You asked us to send { $newsletter } to { $address }. Press the button and you are on the list.
confirm-get = What you will get
confirm-topics = Subjects: { $name }.
confirm-everything = All subjects.
confirm-button = Confirm my subscription
question-type = Type { $number }, so that we know you are a person
question-why = Machines that check mail open links and press buttons, too. The number keeps them from doing this in your place.
question-again = Nothing was done yet. Please try once more, with the number that stands here now.
question-slip = That was another number, so nothing was done. Please try once more.
confirm-note = You did not ask for this? Close the page; the request ends on { $date }.
steps = Where you are
step-asked = Signed up
step-confirm = Confirm
step-here = You are here
step-first = First issue
confirmed-title = You are on the list
confirmed-deck = { $newsletter } comes to { $address } from now on.
confirmed-next = The next issue: { $date }.
confirmed-choose = Choose subjects
confirmed-read = Read what came before
expired-title = This link has expired
expired-deck = { $count ->
    [one] It worked for one day. Nothing is lost: press the button, and a new one goes to the same address.
   *[other] It worked for { $count } days. Nothing is lost: press the button, and a new one goes to the same address.
}
expired-button = Send me a new link
gone-title = This link does nothing any more
gone-deck = It did its work before, or the request was forgotten because nobody confirmed it, or you have left since. Signing up again takes a minute.
gone-button = Sign up again
letter-confirm-subject = Confirm your subscription to { $newsletter }
letter-confirm-title = Confirm your subscription
letter-confirm-preheader = One button, and { $newsletter } comes to you. If you did not ask for it, do nothing.
letter-confirm-lead = You, or someone using this address, asked for { $newsletter }. We need your yes before the first issue comes.
letter-confirm-until = The link works until { $date }. If you did not ask for this, do nothing: without your confirmation no issue comes, and the request is erased.
letter-link-note = If the button does nothing, open this address:
letter-text-open = { $name }: open this address
letter-why = Sent once to { $address } because of a request made on { $date } at { $name }.
letter-known-subject = You get { $newsletter } already
letter-known-preheader = Nothing was changed. Choose subjects, pause or leave by your private link.
letter-known-title = You are on the list already
letter-known-lead = Someone, probably you, asked for { $newsletter } at this address. It comes already, so nothing was changed. Your private link lets you choose subjects, pause, or leave.
letter-nothing-to-do = If it was not you, there is nothing to do.
letter-welcome-subject = Welcome to { $newsletter }
letter-welcome-preheader = Until the next issue, this is the latest one.
letter-welcome-title = Welcome
letter-welcome-lead = From now on { $newsletter } comes to { $address }. Until then, this stood in the latest issue.

## Readers and their data
preferences-reading = How it reads
preferences-others = Also by email
preferences-others-note = Tick one, and a mail asks you to confirm it. Untick one, and it ends at once.
preferences-topics-of = Choose subjects of { $newsletter }
preferences-asked = Saved. A mail is on its way that asks you to confirm what is new.
preferences-waits = Saved. We wrote to you earlier today about something new: press the button in that mail first, then tick the next newsletter here.
preferences-data = Your data
preferences-data-note = We hold your address, these settings, and when you confirmed and changed them. We do not record what you open.
preferences-fresh-note = For each of these a mail goes to { $address } first; its link works for an hour.
data-button = Send me my data
address-button = Change my address
erase-button = Erase me
preferences-mailed = A mail is on its way to { $address }. Its link works for an hour.
link-mail-title = Send me my link
link-mail-deck = No issue at hand? Give your address, and the private link to your preferences comes by mail.
link-mail-button = Send it
link-sent-deck = If the address is on the list, a mail with its private link is on its way.
me-data-deck = Everything that is stored about { $address }, as one file in JSON.
me-data-button = Download my data
me-erase-title = Erase everything?
me-erase-deck = Press the button, and { $address } and all that is known of it is erased here for ever. What stays is a keyed number, so that no list brings it back.
me-erase-button = Erase { $address }
erased-title = You are erased
erased-deck = Your address is not known here any more, and nothing will come. Older backups end with their time.
me-address-title = Change your address
me-address-deck = Now it is { $address }. Give the new one; a mail asks there whether it was meant.
me-address-label = New address
me-address-button = Ask at the new address
me-asked-deck = If the new address is right, a mail is on its way to it. Nothing changes before its button is pressed.
move-title = Your new address
move-deck = Press the button, and everything goes to { $address } from now on. The old address is told.
move-button = Use { $address }
moved-title = Your address is changed
moved-deck = Everything goes to { $address } from now on. The old address was told, and may undo it for seven days.
undo-title = Undo the change?
undo-deck = Press the button, and everything goes to { $address } again.
undo-button = Put { $address } back
undone-title = The change is undone
undone-deck = Everything goes to { $address } again, and the links in the hands of others have ended.
fresh-gone-title = This link has ended
fresh-gone-deck = Such links work once and for a short time only. Open your preferences by the link in any issue, and ask again.
goodbye-why = Why, if you like to say
goodbye-why-note = A person reads every answer.
goodbye-why-button = Send the answer
goodbye-thanks = Thank you, that helps.
letter-link-subject = Your private link
letter-link-lead = Here you choose subjects, pause, change or leave. The link is yours alone: please do not forward it.
letter-hour = The link works until { $date }. If you did not ask for it, do nothing: nothing happens.
letter-data-lead = You asked for everything that we hold about you. The button leads to it.
letter-erase-lead = You asked to be erased. The button leads to a page that asks once more.
letter-address-lead = You asked to change your address. The button leads to the page where you give the new one.
letter-move-subject = Confirm your new address
letter-move-lead = A reader of { $newsletter }, probably you, wants it to come to this address instead of another. We need your yes first.
letter-moved-subject = Your address was changed
letter-moved-lead = Since { $date }, { $newsletter } goes to another address, confirmed there. If it was you, there is nothing to do.
letter-moved-until = If it was not you: the button puts this address back, until { $date }.
letter-moved-button = It was not me
