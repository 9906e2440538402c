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
