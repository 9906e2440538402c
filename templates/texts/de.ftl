# Feste Texte auf Deutsch. $count und $number sind Zahlen, alles andere sind Wörter.

## Zahlen, Listen, Daten
list-comma = { ", " }
list-last = { $first } und { $last }
date-day = { $day }. { $month } { $year }
date-day-month = { $day }. { $month }
date-days = { $from }.–{ $to }. { $month }
date-range = { $first } – { $last }
date-range-months = { $from }. { $first } – { $to }. { $last } { $year }
date-range-same-month = { $from }.–{ $to }. { $month } { $year }

## Der Newsletter
issue-number = Nr. { $number }
read-online = Im Web lesen
in-this-issue = In dieser Ausgabe
stories = { $count ->
    [one] 1 Beitrag
   *[other] { $count } Beiträge
}
minutes = { $count } Min.
minutes-read = { $count } Min. Lesezeit
by = Von { $name }
also-at = auch bei { $name }
lead-story = Aufmacher
picture = Bild: { $name }
filed-under = Themen: { $name }
read-column = Die Kolumne „{ $name }“ lesen
read-at = Den Beitrag lesen: { $name }
more-on-web = { $count ->
    [one] 1 weiterer Beitrag im Web
   *[other] { $count } weitere Beiträge im Web
}
events = Termine
why-you = Sie erhalten { $newsletter }, weil { $address } am { $date } bestätigt wurde.
manage-preferences = Einstellungen ändern
unsubscribe = Abbestellen
view-in-browser = Im Browser ansehen
privacy = Datenschutz
forwarded = Weitergeleitet bekommen?
subscribe-to = { $newsletter } abonnieren

## Die Seiten
skip = Zum Inhalt springen
contact = Kontakt
to-front = Zur Startseite
write-to-us = Schreiben Sie uns
front-title = Newsletter im Überblick
front-deck = Was { $name } per E-Mail verschickt, hier zuerst zu lesen.
front-none = Noch keine Ausgabe.
forwarded-web = Die nächste Ausgabe kommt per E-Mail, wenn Sie mögen.
read-on-web = { $newsletter } im Web lesen
not-found-title = Hier ist nichts
not-found-deck = Unter dieser Adresse gibt es keine Seite. Vielleicht ist sie falsch geschrieben, oder der Link wurde in zwei Teile gebrochen.
failure-title = Das hat nicht geklappt
failure-deck = Bei uns ist etwas schiefgegangen. Von Ihnen ist nichts verloren; bitte versuchen Sie es in ein paar Minuten noch einmal.
link-title = Dieser Link funktioniert nicht
link-deck = Vielleicht wurde er unterwegs gebrochen, oder er ist zu alt. Die Links der letzten Ausgabe in Ihrem Postfach funktionieren.
leave-title = Die Liste verlassen?
leave-deck = Drücken Sie den Knopf, und { $address } bekommt ab sofort nichts mehr von { $newsletter }.
leave-button = { $address } abmelden
leave-choose = Lieber weniger Themen wählen
leave-note = Der Abmelde-Knopf Ihres E-Mail-Programms tut dasselbe, ohne diese Seite.
goodbye-title = Sie sind abgemeldet
goodbye-deck = { $address } bekommt nichts mehr von { $newsletter }. Danke fürs Lesen.
goodbye-note = Ein Versehen? Melden Sie sich jederzeit wieder an; wir bitten um Bestätigung wie beim ersten Mal.
preferences-title = Ihre Einstellungen
preferences-for = Für { $address }, bestätigt am { $date }. Dieser private Link gehört nur Ihnen; bitte leiten Sie ihn nicht weiter.
preferences-saved = Gespeichert. Die nächste Ausgabe richtet sich danach.
preferences-topics = Themen
preferences-save = Einstellungen speichern
preferences-leave = Abmelden
preferences-leave-note = Ab sofort keine Ausgabe von { $newsletter } mehr. Wir fragen einmal nach, ob es so gemeint ist.
topics-everything = Alles
topics-everything-note = Auch Themen, die später dazukommen
topics-only = Nur, was ich auswähle
leave-all = Alles von { $name } abbestellen
goodbye-deck-unnamed = Sie bekommen nichts mehr von { $newsletter }. Danke fürs Lesen.
preferences-pause = Pausieren
pause-until = Keine E-Mail vor dem
pause-note = Von diesem Tag an kommt wieder Post, ohne Nachfrage. Leer heißt: jedes Mal Post.
pause-open = Keine E-Mail, bis ich hierher zurückkomme
wrong-topics = Nichts wurde gespeichert: Wählen Sie mindestens ein Thema oder alles.
wrong-day = Nichts wurde gespeichert: Der Tag muss nach heute liegen, innerhalb eines Jahres.
form-title = Das war nicht zu lesen
form-deck = Das Formular kam unvollständig oder zu groß an, und nichts wurde geändert. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
subscribe-deck = Hier gibt es dafür noch kein Formular. Schreiben Sie uns, welchen Newsletter von { $name } Sie möchten.
subscribe-write = An { $address } schreiben

## Das Archiv
navigation = Seiten
nav-issues = Ausgaben
nav-subscribe = Bestellen
archive-title = Alle Ausgaben von { $newsletter }
archive-all = Alle Ausgaben
archive-latest = Neueste Ausgaben
archive-older = Ältere Ausgaben
archive-pages = Ältere und neuere
issue-older = Davor: { $name }
issue-newer = Danach: { $name }
pages-newer = Neuere
pages-older = Ältere
date-month = { $month } { $year }
search-title = Suche
search-label = In den Ausgaben suchen
search-button = Suchen
search-none = Nichts enthält alle diese Wörter: { $words }. Versuchen Sie weniger oder ein Thema weiter unten.
by-subject = Nach Themen
follow = Folgen
follow-mail = Per E-Mail bekommen
follow-feed = Folgen per { $name }
events-none = Zurzeit sind keine Termine bekannt.
events-calendar = Alle Termine für Ihren Kalender
amended-title = Seit dem Versand geändert
withdrawn-deck = Diese Ausgabe wurde am { $date } zurückgezogen.
readers-only-title = Für Leserinnen und Leser
readers-only-deck = Die Ausgaben von { $newsletter } sind für alle, die sie per E-Mail bekommen. Der Link in der Mail öffnet sie.
