# Fixed texts in English, complete by definition. In texts, $count and $number are numbers; everything else is words.

## Numbers, lists, dates
list-comma = { ", " }
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
subscribe-deck = There is no form for it here yet. Write to us which newsletter of { $name } you would like.
subscribe-write = Write to { $address }

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
