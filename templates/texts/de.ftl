# Feste Texte auf Deutsch. $count und $number sind Zahlen, alles andere sind Wörter.

## Zahlen, Listen, Daten
list-comma = { ", " }
label = { $name }:
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
covers-days = die letzten { $count } Tage
covers-weeks = { $count ->
    [2] die letzten zwei Wochen
    [3] die letzten drei Wochen
    [4] die letzten vier Wochen
   *[other] die letzten { $count } Wochen
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
sponsored = Anzeige
correction-to = Berichtigung zu Nr. { $number }
next-for-you = Als Nächstes für Sie
most-read = Meistgelesen
more-from = Mehr von { $name }
subscribers-only = Nur für Abonnenten
add-to-calendar = In den Kalender eintragen
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

## Signing up
subscribe-button = Abonnieren
subscribe-deck = Was { $name } per E-Mail schickt. Ein Klick beendet es.
email-address = E-Mail-Adresse
subscribe-more = Themen, Sprache, Format
subscribe-newsletters = Newsletter zur Auswahl
subscribe-subjects-of = Themen von { $newsletter }
subscribe-subjects-note = Wer nichts ankreuzt, bekommt alles.
language = Sprache
format = Darstellung
format-html = Gestaltet
format-html-note = mit einem Teil in reinem Text
format-text = Nur reiner Text
format-text-note = ohne Bilder
subscribe-promise = Vor Ihrer Bestätigung kommt nichts. Ein Klick beendet es. Keine Zählpixel, keine weitergegebenen Listen.
privacy-how = Wie wir mit Ihrer Adresse umgehen
leave-empty = Dieses Feld frei lassen
latest-issue = In der neuesten Ausgabe
read-latest = Nr. { $number } lesen
wrong-address = An diese Adresse lässt sich nichts schicken. Sie braucht die Form name@example.org.
wrong-role = Diese Adresse lesen Maschinen oder Verwalter. Bitte geben Sie Ihre eigene an.
wrong-disposable = Solche Adressen verschwinden bald wieder. Bitte geben Sie eine an, die bleibt.
wrong-newsletter = Wählen Sie wenigstens einen Newsletter.
one-more-press = Bitte drücken Sie den Knopf noch einmal, damit wir wissen, dass es ein Mensch war.
typo-title = Meinten Sie { $address }?
typo-use = Ja, { $address }
typo-keep = Nein, { $address } stimmt
sent-title = Sehen Sie in Ihre Post
sent-deck = { $count ->
    [one] Wenn die Adresse stimmt, ist eine Mail unterwegs. Drücken Sie deren Knopf binnen eines Tages; vorher kommt nichts.
   *[other] Wenn die Adresse stimmt, ist eine Mail unterwegs. Drücken Sie deren Knopf binnen { $count } Tagen; vorher kommt nichts.
}
sent-note = Nach einigen Minuten nichts da? Sehen Sie im Spam-Ordner nach. An eine Adresse schreiben wir höchstens einmal am Tag, wie oft sie auch eingegeben wird.
sent-again = Eine andere Adresse angeben
busy-title = Gerade nicht
busy-deck = Es kommen mehr Anfragen, als wir auf einmal annehmen. Gespeichert wurde nichts; kommen Sie in einer Stunde wieder, oder schreiben Sie uns.
confirm-title = Noch ein Schritt
confirm-deck = Sie möchten { $newsletter } an { $address } bekommen. Drücken Sie den Knopf, und Sie stehen auf der Liste.
confirm-get = Was Sie bekommen
confirm-topics = Themen: { $name }.
confirm-everything = Alle Themen.
confirm-button = Mein Abonnement bestätigen
question-type = Tippen Sie { $number }, damit wir wissen, dass Sie ein Mensch sind
question-why = Auch Maschinen, die Mail prüfen, öffnen Links und drücken Knöpfe. Die Zahl hält sie davon ab, das an Ihrer Stelle zu tun.
question-again = Es ist noch nichts geschehen. Bitte versuchen Sie es noch einmal, mit der Zahl, die jetzt hier steht.
question-slip = Das war eine andere Zahl, darum ist nichts geschehen. Bitte versuchen Sie es noch einmal.
confirm-note = Sie haben nicht darum gebeten? Schließen Sie die Seite; die Anfrage endet am { $date }.
steps = Wo Sie stehen
step-asked = Angemeldet
step-confirm = Bestätigen
step-here = Sie sind hier
step-first = Erste Ausgabe
confirmed-title = Sie stehen auf der Liste
confirmed-deck = { $newsletter } kommt von nun an zu { $address }.
confirmed-next = Die nächste Ausgabe: { $date }.
confirmed-choose = Themen wählen
confirmed-read = Frühere Ausgaben lesen
expired-title = Dieser Link ist abgelaufen
expired-deck = { $count ->
    [one] Er galt einen Tag. Nichts ist verloren: Drücken Sie, und ein neuer geht an dieselbe Adresse.
   *[other] Er galt { $count } Tage. Nichts ist verloren: Drücken Sie, und ein neuer geht an dieselbe Adresse.
}
expired-button = Einen neuen Link schicken
gone-title = Dieser Link bewirkt nichts mehr
gone-deck = Er hat seine Arbeit getan, oder die Anfrage wurde vergessen, weil niemand sie bestätigte, oder Sie sind inzwischen gegangen. Neu anmelden dauert eine Minute.
gone-button = Neu anmelden
letter-confirm-subject = Bestätigen Sie Ihr Abonnement: { $newsletter }
letter-confirm-title = Bestätigen Sie Ihr Abonnement
letter-confirm-preheader = Ein Knopf, und { $newsletter } kommt zu Ihnen. Wenn Sie nicht darum gebeten haben, tun Sie nichts.
letter-confirm-lead = Sie, oder jemand mit dieser Adresse, haben um { $newsletter } gebeten. Vor der ersten Ausgabe brauchen wir Ihr Ja.
letter-confirm-until = Der Link gilt bis { $date }. Wenn Sie nicht darum gebeten haben, tun Sie nichts: Ohne Ihre Bestätigung kommt keine Ausgabe, und die Anfrage wird gelöscht.
letter-link-note = Wenn der Knopf nichts tut, öffnen Sie diese Adresse:
letter-text-open = { $name }: öffnen Sie diese Adresse
letter-why = Einmal an { $address } geschickt, wegen einer Anfrage vom { $date } auf { $name }.
letter-known-subject = Sie bekommen { $newsletter } schon
letter-known-preheader = Nichts wurde geändert. Themen, Pause oder Abschied über Ihren privaten Link.
letter-known-title = Sie stehen schon auf der Liste
letter-known-lead = Jemand, wohl Sie selbst, hat mit dieser Adresse um { $newsletter } gebeten. Sie bekommen es schon, geändert wurde also nichts. Mit Ihrem privaten Link wählen Sie Themen, machen Pause oder gehen.
letter-nothing-to-do = Wenn Sie es nicht waren, ist nichts zu tun.
letter-welcome-subject = Willkommen bei { $newsletter }
letter-welcome-preheader = Bis zur nächsten Ausgabe: die neueste.
letter-welcome-title = Willkommen
letter-welcome-lead = Von nun an kommt { $newsletter } zu { $address }. Bis dahin: das stand in der neuesten Ausgabe.

## Readers and their data
preferences-reading = Lesen
preferences-others = Auch per E-Mail
preferences-others-note = Wählen Sie etwas dazu, fragt eine Mail nach. Wählen Sie etwas ab, endet es sofort.
preferences-topics-of = Themen von { $newsletter } wählen
preferences-asked = Gespeichert. Eine Mail ist unterwegs, in der Sie das Neue bestätigen.
preferences-waits = Gespeichert. Wir haben Ihnen heute schon wegen etwas Neuem geschrieben: Drücken Sie zuerst den Knopf in jener Mail, dann kreuzen Sie hier den nächsten Newsletter an.
preferences-data = Ihre Daten
preferences-data-note = Wir speichern Ihre Adresse, diese Einstellungen und wann Sie sie bestätigt und geändert haben. Was Sie öffnen, halten wir nicht fest.
preferences-fresh-note = Dafür geht zuerst eine Mail an { $address }; ihr Link gilt eine Stunde.
data-button = Meine Daten schicken
address-button = Meine Adresse ändern
erase-button = Mich löschen
preferences-mailed = Eine Mail an { $address } ist unterwegs. Ihr Link gilt eine Stunde.
link-mail-title = Meinen Link schicken
link-mail-deck = Keine Ausgabe zur Hand? Geben Sie Ihre Adresse an, und der private Link zu Ihren Einstellungen kommt per Mail.
link-mail-button = Schicken
link-sent-deck = Wenn die Adresse auf der Liste steht, ist eine Mail mit ihrem privaten Link unterwegs.
me-data-deck = Alles, was über { $address } gespeichert ist, als eine Datei in JSON.
me-data-button = Meine Daten herunterladen
me-erase-title = Alles löschen?
me-erase-deck = Drücken Sie, und { $address } mit allem, was wir darüber wissen, wird hier für immer gelöscht. Es bleibt eine verschlüsselte Zahl, damit keine Liste sie zurückbringt.
me-erase-button = { $address } löschen
erased-title = Sie sind gelöscht
erased-deck = Ihre Adresse ist hier nicht mehr bekannt, und nichts wird kommen. Ältere Sicherungen enden mit ihrer Zeit.
me-address-title = Adresse ändern
me-address-deck = Jetzt ist es { $address }. Geben Sie die neue an; dort fragt eine Mail nach.
me-address-label = Neue Adresse
me-address-button = An der neuen Adresse nachfragen
me-asked-deck = Wenn die neue Adresse stimmt, ist eine Mail dorthin unterwegs. Bevor deren Knopf gedrückt ist, ändert sich nichts.
move-title = Ihre neue Adresse
move-deck = Drücken Sie, und alles geht von nun an zu { $address }. Die alte Adresse erfährt es.
move-button = { $address } verwenden
moved-title = Ihre Adresse ist geändert
moved-deck = Alles geht von nun an zu { $address }. Die alte Adresse weiß es und kann es sieben Tage lang rückgängig machen.
undo-title = Änderung rückgängig machen?
undo-deck = Drücken Sie, und alles geht wieder zu { $address }.
undo-button = { $address } wiederherstellen
undone-title = Die Änderung ist rückgängig gemacht
undone-deck = Alles geht wieder zu { $address }, und Links in fremden Händen gelten nicht mehr.
fresh-gone-title = Dieser Link ist zu Ende
fresh-gone-deck = Solche Links gelten einmal und nur kurz. Öffnen Sie Ihre Einstellungen über den Link in einer Ausgabe und fragen Sie noch einmal.
goodbye-why = Warum, wenn Sie es sagen mögen
goodbye-why-note = Jede Antwort liest ein Mensch.
goodbye-why-button = Antwort schicken
goodbye-thanks = Danke, das hilft.
letter-link-subject = Ihr privater Link
letter-link-lead = Hier wählen Sie Themen, machen Pause, ändern oder gehen. Der Link gehört nur Ihnen: bitte nicht weiterleiten.
letter-hour = Der Link gilt bis { $date }. Wenn Sie nicht darum gebeten haben, tun Sie nichts: Es geschieht nichts.
letter-data-lead = Sie haben um alles gebeten, was wir über Sie gespeichert haben. Der Knopf führt dorthin.
letter-erase-lead = Sie möchten gelöscht werden. Der Knopf führt zu einer Seite, die noch einmal fragt.
letter-address-lead = Sie möchten Ihre Adresse ändern. Der Knopf führt zu der Seite, auf der Sie die neue angeben.
letter-move-subject = Bestätigen Sie Ihre neue Adresse
letter-move-lead = Jemand, der { $newsletter } liest, wohl Sie selbst, möchte es an diese Adresse statt an eine andere. Vorher brauchen wir Ihr Ja.
letter-moved-subject = Ihre Adresse wurde geändert
letter-moved-lead = Seit { $date } geht { $newsletter } an eine andere Adresse, dort bestätigt. Wenn Sie es waren, ist nichts zu tun.
letter-moved-until = Wenn Sie es nicht waren: Der Knopf stellt diese Adresse wieder her, bis { $date }.
letter-moved-button = Ich war es nicht
