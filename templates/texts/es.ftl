# Textos fijos en español. $count y $number son números; lo demás, palabras.

## Números, listas, fechas
list-comma = { ", " }
list-last = { $first } y { $last }
date-day = { $day } de { $month } de { $year }
date-day-month = { $day } de { $month }
date-days = { $from }–{ $to } de { $month }
date-range = { $first } – { $last }
date-range-months = { $from } de { $first } – { $to } de { $last } de { $year }
date-range-same-month = { $from }–{ $to } de { $month } de { $year }

## El boletín
issue-number = N.º { $number }
read-online = Leer en la web
in-this-issue = En este número
stories = { $count ->
    [one] 1 artículo
   *[other] { $count } artículos
}
minutes = { $count } min
minutes-read = { $count } min de lectura
by = Por { $name }
also-at = también en { $name }
lead-story = En portada
picture = Imagen: { $name }
filed-under = Temas: { $name }
read-column = Leer la columna { $name }
read-at = Leer el artículo en { $name }
more-on-web = { $count ->
    [one] 1 más en la web
   *[other] { $count } más en la web
}
events = Agenda
why-you = Recibe { $newsletter } porque { $address } se confirmó el { $date }.
manage-preferences = Cambiar preferencias
unsubscribe = Darse de baja
view-in-browser = Ver en el navegador
privacy = Privacidad
forwarded = ¿Se lo han reenviado?
subscribe-to = Suscribirse a { $newsletter }

## Las páginas
skip = Ir al contenido
contact = Contacto
to-front = A la portada
write-to-us = Escríbanos
front-title = Boletines
front-deck = Lo que { $name } envía por correo, para leerlo antes aquí.
front-none = Aún no hay ningún número.
forwarded-web = El próximo número le llega por correo, si quiere.
read-on-web = Leer { $newsletter } en la web
not-found-title = Aquí no hay nada
not-found-deck = No hay ninguna página en esta dirección. Quizá esté mal escrita o el enlace se haya partido en dos.
failure-title = No ha funcionado
failure-deck = Ha fallado algo por nuestra parte. No se ha perdido nada suyo; inténtelo de nuevo en unos minutos.
link-title = Este enlace no funciona
link-deck = Quizá se haya partido en dos por el camino, o sea demasiado antiguo. Los enlaces del último número de su buzón funcionan.
leave-title = ¿Dejar la lista?
leave-deck = Pulse el botón y { $address } no recibirá nada más de { $newsletter }, desde ahora mismo.
leave-button = Dar de baja { $address }
leave-choose = Prefiero elegir menos temas
leave-note = El botón de baja de su programa de correo hace lo mismo, sin esta página.
goodbye-title = Ya está de baja
goodbye-deck = { $address } no recibirá nada más de { $newsletter }. Gracias por leernos.
goodbye-note = ¿Fue un error? Vuelva a suscribirse cuando quiera; le pediremos que lo confirme, como la primera vez.
preferences-title = Sus preferencias
preferences-for = Para { $address }, confirmada el { $date }. Este enlace privado es solo suyo; no lo reenvíe, por favor.
preferences-saved = Guardado. El próximo número seguirá su elección.
preferences-topics = Temas
preferences-save = Guardar preferencias
preferences-leave = Baja
preferences-leave-note = Ningún número más de { $newsletter }, desde ahora. Le preguntaremos una vez si de verdad lo quiere.
topics-everything = Todo
topics-everything-note = También los temas que vengan después
topics-only = Solo lo que yo elija
leave-all = Darse de baja de todo lo de { $name }
goodbye-deck-unnamed = No recibirá nada más de { $newsletter }. Gracias por leernos.
preferences-pause = Pausa
pause-until = Ningún correo antes del
pause-note = Desde ese día vuelve a llegar el correo, sin preguntar. Déjelo vacío para recibirlo siempre.
pause-open = Ningún correo hasta que vuelva aquí
wrong-topics = No se ha guardado nada: elija al menos un tema, o todo.
wrong-day = No se ha guardado nada: el día debe ser posterior a hoy, dentro de un año.
form-title = No se ha podido leer
form-deck = El formulario llegó incompleto o demasiado grande, y no se ha cambiado nada. Vuelva atrás e inténtelo de nuevo.
subscribe-deck = Aquí todavía no hay formulario. Escríbanos qué boletín de { $name } le gustaría recibir.
subscribe-write = Escribir a { $address }

## El archivo
navigation = Páginas
nav-issues = Números
nav-subscribe = Suscribirse
archive-title = Todos los números de { $newsletter }
archive-all = Todos los números
archive-latest = Últimos números
archive-older = Números anteriores
archive-pages = Anteriores y posteriores
issue-older = Antes: { $name }
issue-newer = Después: { $name }
pages-newer = Más recientes
pages-older = Más antiguos
date-month = { $month } de { $year }
search-title = Buscar
search-label = Buscar en los números
search-button = Buscar
search-none = Nada contiene todas estas palabras: { $words }. Pruebe con menos, o con un tema de abajo.
by-subject = Por temas
follow = Seguir
follow-mail = Recibirlo por correo
follow-feed = Seguir por { $name }
events-none = Por ahora no se conoce ninguna fecha.
events-calendar = Todas las fechas para su calendario
amended-title = Cambiado desde el envío
withdrawn-deck = Este número se retiró el { $date }.
readers-only-title = Para lectores
readers-only-deck = Los números de { $newsletter } son para quienes los reciben por correo. El enlace del mensaje los abre.
