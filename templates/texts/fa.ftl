# متن‌های ثابت به فارسی. $count و $number عدد است و بقیه واژه.

## عدد، فهرست، تاریخ
list-comma = { "، " }
list-last = { $first } و { $last }
date-day = { $day } { $month } { $year }
date-day-month = { $day } { $month }
date-days = { $from }–{ $to } { $month }
date-range = { $first } تا { $last }
date-range-months = { $from } { $first } تا { $to } { $last } { $year }
date-range-same-month = { $from }–{ $to } { $month } { $year }

## خبرنامه
issue-number = شمارهٔ { $number }
read-online = خواندن در وب
in-this-issue = در این شماره
stories = { $count } گزارش
minutes = { $count } دقیقه
minutes-read = { $count } دقیقه مطالعه
by = نوشتهٔ { $name }
also-at = همچنین در { $name }
lead-story = گزارش اصلی
picture = عکس: { $name }
filed-under = موضوع‌ها: { $name }
read-column = ستون «{ $name }» را بخوانید
read-at = گزارش را در { $name } بخوانید
more-on-web = { $count } گزارش دیگر در وب
events = رویدادها
why-you = { $newsletter } را دریافت می‌کنید چون نشانی { $address } در { $date } تأیید شده است.
manage-preferences = تنظیمات دریافت
unsubscribe = لغو اشتراک
view-in-browser = دیدن در مرورگر
privacy = حریم خصوصی
forwarded = این خبرنامه را کسی برایتان فرستاده است؟
subscribe-to = اشتراک { $newsletter }

## صفحه‌ها
skip = رفتن به متن
contact = تماس
to-front = به صفحهٔ نخست
write-to-us = برای ما بنویسید
front-title = خبرنامه‌ها
front-deck = آنچه { $name } با ایمیل می‌فرستد؛ نخست این‌جا بخوانید.
front-none = هنوز شماره‌ای منتشر نشده است.
forwarded-web = اگر بخواهید، شمارهٔ بعدی با ایمیل می‌رسد.
read-on-web = خواندن { $newsletter } در وب
not-found-title = این‌جا چیزی نیست
not-found-deck = در این نشانی صفحه‌ای نیست. شاید نشانی اشتباه نوشته شده یا پیوند دو تکه شده باشد.
failure-title = نشد
failure-deck = از سوی ما خطایی رخ داد. چیزی از شما گم نشده است؛ لطفاً چند دقیقهٔ دیگر دوباره امتحان کنید.
link-title = این پیوند کار نمی‌کند
link-deck = شاید در راه دو تکه شده یا قدیمی است. پیوندهای آخرین شماره در صندوق پستی شما کار می‌کنند.
leave-title = از فهرست خارج می‌شوید؟
leave-deck = دکمه را بزنید تا از همین حالا دیگر چیزی از { $newsletter } به { $address } نرسد.
leave-button = لغو اشتراک { $address }
leave-choose = به جای آن، موضوع‌های کمتری انتخاب می‌کنم
leave-note = دکمهٔ لغو اشتراک در برنامهٔ ایمیل شما همین کار را بدون این صفحه می‌کند.
goodbye-title = اشتراک شما لغو شد
goodbye-deck = دیگر چیزی از { $newsletter } به { $address } نمی‌رسد. از این‌که خوانندهٔ ما بودید سپاسگزاریم.
goodbye-note = اشتباه شد؟ هر وقت خواستید دوباره مشترک شوید؛ مانند بار نخست از شما تأیید می‌خواهیم.
preferences-title = تنظیمات شما
preferences-for = برای { $address }، تأییدشده در { $date }. این پیوند خصوصی تنها از آن شماست؛ لطفاً آن را برای کسی نفرستید.
preferences-saved = ذخیره شد. شمارهٔ بعدی مطابق انتخاب شماست.
preferences-topics = موضوع‌ها
preferences-save = ذخیرهٔ تنظیمات
preferences-leave = خروج
preferences-leave-note = از این پس شماره‌ای از { $newsletter } نمی‌رسد. یک بار از شما پرسیده می‌شود که مطمئن هستید یا نه.
topics-everything = همه چیز
topics-everything-note = موضوع‌هایی که بعداً می‌آیند هم
topics-only = تنها آنچه انتخاب می‌کنم
