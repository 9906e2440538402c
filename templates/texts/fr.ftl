# Textes fixes en français. $count et $number sont des nombres, le reste des mots.

## Nombres, listes, dates
list-comma = { ", " }
list-last = { $first } et { $last }
date-day = { $day } { $month } { $year }
date-day-month = { $day } { $month }
date-days = { $from }–{ $to } { $month }
date-range = { $first } – { $last }
date-range-months = { $from } { $first } – { $to } { $last } { $year }
date-range-same-month = { $from }–{ $to } { $month } { $year }

## La lettre
issue-number = N° { $number }
read-online = Lire en ligne
in-this-issue = Dans ce numéro
stories = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
minutes = { $count } min
minutes-read = { $count } min de lecture
by = Par { $name }
also-at = aussi dans { $name }
lead-story = À la une
picture = Image : { $name }
filed-under = Sujets : { $name }
read-column = Lire la chronique { $name }
read-at = Lire l’article dans { $name }
more-on-web = { $count ->
    [one] { $count } autre article sur le web
   *[other] { $count } autres articles sur le web
}
events = Agenda
why-you = Vous recevez { $newsletter } parce que { $address } a été confirmée le { $date }.
manage-preferences = Gérer mes préférences
unsubscribe = Se désabonner
view-in-browser = Voir dans le navigateur
privacy = Confidentialité
forwarded = On vous a transmis cette lettre ?
subscribe-to = S’abonner à { $newsletter }

## Les pages
skip = Aller au contenu
contact = Nous contacter
to-front = Vers la page d’accueil
write-to-us = Nous écrire
front-title = Lettres d’information
front-deck = Ce que { $name } envoie par courriel, à lire d’abord ici.
front-none = Pas encore de numéro.
forwarded-web = Le prochain numéro vient par courriel, si vous le voulez.
read-on-web = Lire { $newsletter } sur le web
not-found-title = Rien ici
not-found-deck = Il n’y a pas de page à cette adresse. Elle a peut-être été mal saisie, ou le lien a été coupé en deux.
failure-title = Cela n’a pas marché
failure-deck = Une erreur s’est produite chez nous. Rien n’est perdu de votre côté ; réessayez dans quelques minutes.
link-title = Ce lien ne fonctionne pas
link-deck = Il a pu être coupé en deux en chemin, ou il est trop ancien. Les liens du dernier numéro reçu fonctionnent.
leave-title = Quitter la liste ?
leave-deck = Appuyez sur le bouton, et { $address } ne recevra plus rien de { $newsletter }, dès maintenant.
leave-button = Désabonner { $address }
leave-choose = Choisir plutôt moins de sujets
leave-note = Le bouton de désabonnement de votre messagerie fait la même chose, sans cette page.
goodbye-title = C’est fait
goodbye-deck = { $address } ne recevra plus rien de { $newsletter }. Merci de nous avoir lus.
goodbye-note = Une erreur ? Réabonnez-vous quand vous voulez ; nous vous demanderons de confirmer, comme la première fois.
preferences-title = Vos préférences
preferences-for = Pour { $address }, confirmée le { $date }. Ce lien privé n’est qu’à vous ; merci de ne pas le transmettre.
preferences-saved = Enregistré. Le prochain numéro suivra votre choix.
preferences-topics = Sujets
preferences-save = Enregistrer
preferences-leave = Partir
preferences-leave-note = Plus aucun numéro de { $newsletter }, dès maintenant. Nous vous demanderons une fois si c’est bien voulu.
topics-everything = Tout
topics-everything-note = Les sujets à venir aussi
topics-only = Seulement ce que je choisis
leave-all = Quitter toutes les lettres de { $name }
goodbye-deck-unnamed = Vous ne recevrez plus rien de { $newsletter }. Merci de nous avoir lus.
preferences-pause = Faire une pause
pause-until = Aucun courriel avant le
pause-note = Les courriels reprennent ce jour-là, sans rien demander. Laissez vide pour les recevoir à chaque fois.
pause-open = Aucun courriel jusqu’à mon retour ici
wrong-topics = Rien n’a été enregistré : choisissez au moins un sujet, ou tout.
wrong-day = Rien n’a été enregistré : le jour doit venir après aujourd’hui, d’ici un an.
form-title = Illisible
form-deck = Le formulaire est arrivé incomplet ou trop grand, et rien n’a été changé. Revenez en arrière et réessayez.
subscribe-deck = Il n’y a pas encore de formulaire ici. Écrivez-nous quelle lettre de { $name } vous aimeriez recevoir.
subscribe-write = Écrire à { $address }

## Les archives
navigation = Pages du site
nav-issues = Numéros
nav-subscribe = S’abonner
archive-title = Tous les numéros de { $newsletter }
archive-all = Tous les numéros
archive-latest = Derniers numéros
archive-older = Numéros plus anciens
archive-pages = Plus anciens et plus récents
issue-older = Avant : { $name }
issue-newer = Après : { $name }
pages-newer = Plus récents
pages-older = Plus anciens
date-month = { $month } { $year }
search-title = Recherche
search-label = Chercher dans les numéros
search-button = Chercher
search-none = Rien ne contient tous ces mots : { $words }. Essayez-en moins, ou un sujet ci-dessous.
by-subject = Par sujet
follow = Suivre
follow-mail = Recevoir par e-mail
follow-feed = Suivre par { $name }
events-none = Aucune date n’est connue pour le moment.
events-calendar = Toutes les dates pour votre agenda
amended-title = Modifié depuis l’envoi
withdrawn-deck = Ce numéro a été retiré le { $date }.
readers-only-title = Réservé aux lecteurs
readers-only-deck = Les numéros de { $newsletter } sont pour ceux qui les reçoivent par e-mail. Le lien dans le message les ouvre.
