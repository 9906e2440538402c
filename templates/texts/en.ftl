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
