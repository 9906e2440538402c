# טקסטים קבועים בעברית. $count ו־$number הם מספרים, כל השאר מילים.

## מספרים, רשימות, תאריכים
list-comma = { ", " }
list-last = { $first } ו{ $last }
date-day = { $day } ב{ $month } { $year }
date-day-month = { $day } ב{ $month }
date-days = { $from }–{ $to } ב{ $month }
date-range = { $first } – { $last }
date-range-months = { $from } ב{ $first } – { $to } ב{ $last } { $year }
date-range-same-month = { $from }–{ $to } ב{ $month } { $year }

## העלון
issue-number = גיליון { $number }
read-online = לקריאה ברשת
in-this-issue = בגיליון הזה
stories = { $count ->
    [one] כתבה אחת
    [two] שתי כתבות
   *[other] { $count } כתבות
}
minutes = { $count ->
    [one] דקה
    [two] שתי דקות
   *[other] { $count } דקות
}
minutes-read = { $count ->
    [one] דקת קריאה
    [two] שתי דקות קריאה
   *[other] { $count } דקות קריאה
}
by = מאת { $name }
also-at = גם אצל { $name }
lead-story = הכתבה הראשית
picture = תמונה: { $name }
filed-under = נושאים: { $name }
read-column = לקריאת הטור ”{ $name }“
read-at = לקריאת הכתבה אצל { $name }
more-on-web = { $count ->
    [one] עוד כתבה אחת ברשת
    [two] עוד שתי כתבות ברשת
   *[other] עוד { $count } כתבות ברשת
}
events = אירועים
why-you = { $newsletter } נשלח אליך כי הכתובת { $address } אושרה ב־{ $date }.
manage-preferences = שינוי העדפות
unsubscribe = ביטול המינוי
view-in-browser = לצפייה בדפדפן
privacy = פרטיות
forwarded = העבירו לך את העלון?
subscribe-to = הרשמה אל { $newsletter }

## הדפים
skip = דילוג לתוכן
contact = יצירת קשר
to-front = לעמוד הראשי
write-to-us = כתבו לנו
front-title = עלונים
front-deck = מה ש{ $name } שולח בדואר אלקטרוני, לקריאה כאן תחילה.
front-none = עדיין אין גיליון.
forwarded-web = הגיליון הבא יגיע בדואר, אם תרצו.
read-on-web = לקריאת { $newsletter } ברשת
not-found-title = אין כאן דבר
not-found-deck = אין דף בכתובת הזאת. אולי היא הוקלדה בטעות, או שהקישור נחתך לשניים.
failure-title = זה לא הצליח
failure-deck = משהו השתבש אצלנו. דבר לא אבד לך; נא לנסות שוב בעוד כמה דקות.
link-title = הקישור הזה אינו פועל
link-deck = אולי נחתך בדרך, או שהוא ישן מדי. הקישורים בגיליון האחרון שבתיבה פועלים.
leave-title = לעזוב את הרשימה?
leave-deck = לחיצה על הכפתור, ו־{ $address } לא תקבל עוד דבר מ{ $newsletter }, החל מעכשיו.
leave-button = ביטול המינוי של { $address }
leave-choose = לבחור במקום זה פחות נושאים
leave-note = כפתור ביטול המינוי בתוכנת הדואר עושה אותו דבר, בלי הדף הזה.
goodbye-title = המינוי בוטל
goodbye-deck = { $address } לא תקבל עוד דבר מ{ $newsletter }. תודה שקראת אותנו.
goodbye-note = זו הייתה טעות? אפשר להירשם שוב בכל עת; נבקש אישור, כמו בפעם הראשונה.
preferences-title = ההעדפות שלך
preferences-for = עבור { $address }, שאושרה ב־{ $date }. הקישור הפרטי הזה שלך בלבד; נא לא להעביר אותו.
preferences-saved = נשמר. הגיליון הבא ילך לפי הבחירה שלך.
preferences-topics = נושאים
preferences-save = שמירת ההעדפות
preferences-leave = עזיבה
preferences-leave-note = לא יגיעו עוד גיליונות של { $newsletter }, החל מעכשיו. נשאל פעם אחת אם זו הכוונה.
topics-everything = הכול
topics-everything-note = גם נושאים שיתווספו בהמשך
topics-only = רק מה שאבחר
leave-all = ביטול כל העלונים של { $name }
goodbye-deck-unnamed = לא יגיע אליך עוד דבר מ{ $newsletter }. תודה שקראת אותנו.
preferences-pause = הפסקה
pause-until = בלי דואר לפני
pause-note = מהיום הזה הדואר חוזר, בלי לשאול. אפשר להשאיר ריק כדי לקבל תמיד.
pause-open = בלי דואר עד שאחזור לכאן
wrong-topics = דבר לא נשמר: יש לבחור לפחות נושא אחד, או הכול.
wrong-day = דבר לא נשמר: היום צריך להיות אחרי היום, בתוך שנה.
form-title = לא ניתן היה לקרוא את זה
form-deck = הטופס הגיע חסר או גדול מדי, ודבר לא השתנה. נא לחזור ולנסות שוב.
subscribe-deck = אין כאן עדיין טופס לכך. כתבו לנו איזה עלון של { $name } תרצו לקבל.
subscribe-write = לכתוב אל { $address }

## הארכיון
navigation = דפים
nav-issues = גיליונות
nav-subscribe = הרשמה
archive-title = כל הגיליונות של { $newsletter }
archive-all = כל הגיליונות
archive-latest = הגיליונות האחרונים
archive-older = גיליונות קודמים
archive-pages = קודמים וחדשים
issue-older = לפניו: { $name }
issue-newer = אחריו: { $name }
pages-newer = חדשים יותר
pages-older = ישנים יותר
date-month = { $month } { $year }
search-title = חיפוש
search-label = חיפוש בגיליונות
search-button = חפשו
search-none = אין דבר שמכיל את כל המילים האלה: { $words }. נסו פחות מילים, או נושא מהרשימה למטה.
by-subject = לפי נושא
follow = מעקב
follow-mail = לקבל בדואר
follow-feed = מעקב דרך { $name }
events-none = כרגע לא ידוע על מועדים.
events-calendar = כל המועדים ליומן שלכם
amended-title = מה השתנה מאז השליחה
withdrawn-deck = גיליון זה נמשך ב־{ $date }.
readers-only-title = לקוראים
readers-only-deck = הגיליונות של { $newsletter } מיועדים למי שמקבלים אותם בדואר. הקישור שבהודעה פותח אותם.
