//! The digest as plain text: 72 cells wide, numbered stories with a hanging indent, each with its own address alone on a line.
//!
//! The same stories, events and footer links as the HTML, a test proves it. No notes at the end: on a phone they would divorce thirty links from their
//! headlines. Lines from right to left are not indented and begin with a letter (or a mark) that runs so.

use super::columns::{WIDTH, centred, spread, width, wrap};
use super::section::extent;
use super::sheet::{Sheet, Voice, issue_url};
use super::story::byline_parts;
use super::{aside, events, footer, pictures, prose};
use crate::domain::event::Event;
use crate::domain::issue::{Cut, CutSection, Story};
use crate::domain::newsletter::Look;
use crate::domain::notice::NoticePlace;
use crate::domain::prose::Prose;
use crate::domain::slot::{What, Where, mark};
use crate::domain::text::Direction;
use crate::templates::typography::{STANDFIRST, SUMMARY, whole_sentences};
use crate::templates::writing::{begin_rtl, isolate, isolate_runs};
use crate::templates::{Home, Pictures, dates};

/// The text part of a cut's mail.
pub fn text(cut: &Cut<'_>) -> String {
    let home = Home::Mail { pictures: Pictures::Linked };
    let mut sheet = Sheet::new(cut, home);
    sheet.issue_url = issue_url(sheet.newsletter, cut.issue.number, home, Where::PlainText);
    let mut page = Page { sheet: &sheet, out: String::with_capacity(16_384), next: 1 };
    page.masthead();
    page.header();
    page.corrections();
    page.notices(&NoticePlace::Top);
    if sheet.note_above() {
        page.note();
    }
    page.contents();
    if let Some(story) = cut.lead {
        page.lead(story);
    }
    if !sheet.note_above() {
        page.gap(1);
        page.note();
    }
    for section in &cut.sections {
        page.section(section);
        page.notices(&NoticePlace::After(section.section.slug.clone()));
    }
    page.events();
    page.most_read();
    page.next_for_you();
    page.others();
    page.notices(&NoticePlace::Footer);
    page.footer();
    page.out
}

/// The text as it grows.
struct Page<'s> {
    sheet: &'s Sheet<'s>,
    out: String,
    /// The number of the next story.
    next: usize,
}

/// Where a story stands: the lead and the first of a section may have a picture, and so its credit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Lead,
    First,
    Later,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn gap(&mut self, lines: usize) {
        self.out.extend(std::iter::repeat_n('\n', lines));
    }

    fn rule(&mut self, of: char) {
        let rule: String = std::iter::repeat_n(of, WIDTH).collect();
        self.line(&rule);
    }

    /// Whether what stands last is a rule.
    fn is_parted(&self) -> bool {
        self.out.lines().last().is_some_and(|line| line.len() == WIDTH && line.bytes().all(|byte| byte == b'-'))
    }

    /// A paragraph in the voice's direction; `first` opens its first line, `indent` the others. From right to left neither is indented.
    fn paragraph(&mut self, words: &str, first: &str, indent: usize, voice: Voice<'_>) {
        if voice.is_rtl() {
            for line in wrap(&format!("{}{words}", first.trim_start()), WIDTH) {
                self.line(&begin_rtl(&isolate_runs(&line)));
            }
            return;
        }
        for (at, line) in wrap(words, WIDTH - indent).iter().enumerate() {
            let opening = if at == 0 { first.to_owned() } else { " ".repeat(indent) };
            self.line(&format!("{opening}{line}"));
        }
    }

    /// A label and the address it stands for, each on its own line.
    fn labelled(&mut self, label: &str, url: &str) {
        let voice = self.sheet.voice();
        self.paragraph(&voice.texts.say_of("label", "name", label), "", 0, voice);
        self.line(url);
    }

    fn masthead(&mut self) {
        let sheet = self.sheet;
        let (newsletter, voice) = (sheet.newsletter, sheet.voice());
        let (number, dates) = (sheet.number(), sheet.dates());
        let title = newsletter.title.as_str().to_uppercase();
        for words in [newsletter.publication.name.as_str(), &title, newsletter.brand.tagline.as_str()] {
            for line in wrap(words, WIDTH) {
                self.line(&if voice.is_rtl() { begin_rtl(&line) } else { centred(&line) });
            }
        }
        self.gap(1);
        self.rule('-');
        match spread(&number, &dates, ' ').filter(|_| !voice.is_rtl()) {
            Some(line) => self.line(&line),
            None => self.paragraph(&format!("{number} · {dates}"), "", 0, voice),
        }
        self.rule('-');
        self.gap(1);
        self.labelled(&sheet.texts.say("read-online"), &sheet.issue_url);
    }

    fn header(&mut self) {
        let header = &self.sheet.newsletter.brand.header;
        if !header.is_empty() {
            self.gap(1);
            self.prose(header, "", self.sheet.voice());
        }
    }

    fn note(&mut self) {
        let note = &self.sheet.cut.issue.note;
        if !note.is_empty() {
            self.gap(1);
            self.prose(note, "", self.sheet.voice());
        }
    }

    /// Words with light markup: links stand below their paragraph, each on its own line.
    fn prose(&mut self, prose: &Prose, indent: &str, voice: Voice<'_>) {
        for (at, block) in prose.blocks().iter().enumerate() {
            if at > 0 {
                self.gap(1);
            }
            for (words, first, links) in prose::lines(block, indent) {
                self.paragraph(&words, &first, first.len(), voice);
                for link in links {
                    self.address(&link, &" ".repeat(first.len()), voice);
                }
            }
        }
    }

    fn corrections(&mut self) {
        for correction in &self.sheet.cut.issue.corrections {
            self.labelled_prose(&aside::correction_label(correction, self.sheet.texts), &correction.text);
        }
    }

    fn notices(&mut self, place: &NoticePlace) {
        for notice in self.sheet.cut.notices(place) {
            self.labelled_prose(&aside::notice_label(notice, self.sheet.texts), &notice.text);
        }
    }

    /// A label and some words between two rules.
    fn labelled_prose(&mut self, label: &str, words: &Prose) {
        let voice = self.sheet.voice();
        // One rule parts two of them.
        if !self.is_parted() {
            self.gap(1);
            self.rule('-');
        }
        if !label.is_empty() {
            self.paragraph(label, "", 0, voice);
            self.gap(1);
        }
        self.prose(words, "", voice);
        self.rule('-');
    }

    fn next_for_you(&mut self) {
        let sheet = self.sheet;
        if sheet.cut.next.is_empty() {
            return;
        }
        self.heading(&sheet.texts.say("next-for-you"), "", sheet.voice());
        for next in &sheet.cut.next {
            if let Some(url) = next.url() {
                let voice = sheet.voice_of(next.language());
                self.gap(1);
                self.paragraph(next.title().as_str(), "    ", 4, voice);
                self.address(url.as_str(), "    ", voice);
            }
        }
    }

    fn most_read(&mut self) {
        let sheet = self.sheet;
        if sheet.cut.issue.most_read.is_empty() {
            return;
        }
        self.heading(&sheet.texts.say("most-read"), "", sheet.voice());
        for (at, page) in sheet.cut.issue.most_read.iter().enumerate() {
            let voice = page.language.as_ref().map_or(sheet.voice(), |language| sheet.voice_of(language));
            let place = if voice.is_rtl() { voice.texts.number(at as u64 + 1) } else { roman(at + 1) };
            let place = format!("{place:>4}. ");
            self.gap(1);
            self.paragraph(page.title.as_str(), &place, width(&place), voice);
            self.address(page.url.as_str(), &" ".repeat(width(&place)), voice);
        }
    }

    fn others(&mut self) {
        let (sheet, voice) = (self.sheet, self.sheet.voice());
        if sheet.cut.issue.others.is_empty() {
            return;
        }
        self.heading(&aside::more_from(sheet), "", voice);
        for other in &sheet.cut.issue.others {
            self.gap(1);
            for words in [other.title.as_str(), other.tagline.as_str()] {
                self.paragraph(words, "    ", 4, voice);
            }
            self.address(&other.url, "    ", voice);
        }
    }

    /// The contents with the numbers of the stories; nothing when there is little to find.
    fn contents(&mut self) {
        let sheet = self.sheet;
        let entries = numbered(sheet);
        if entries.len() < 2 {
            return;
        }
        let voice = sheet.voice();
        self.heading(&sheet.texts.say("in-this-issue"), "", voice);
        for (title, place) in entries {
            match spread(&format!("    {title}"), &place, '.').filter(|_| !voice.is_rtl()) {
                Some(line) => self.line(&line),
                None => self.paragraph(&format!("{title} · {place}"), "    ", 4, voice),
            }
        }
    }

    /// A name over a double rule, with a few words at the other end of its line.
    fn heading(&mut self, name: &str, aside: &str, voice: Voice<'_>) {
        self.gap(2);
        let name = name.to_uppercase();
        if voice.is_rtl() {
            let line = if aside.is_empty() { name } else { format!("{name} · {aside}") };
            self.paragraph(&line, "", 0, voice);
        } else if let Some(line) = spread(&name, aside, ' ').filter(|_| !aside.is_empty()) {
            self.line(&line);
        } else {
            self.paragraph(&name, "", 0, voice);
            self.paragraph(aside, "", 0, voice);
        }
        self.rule('=');
    }

    /// The number of the next story, set so that one and two digits end at the same place.
    fn number(&mut self, voice: Voice<'_>) -> String {
        let number = voice.texts.number(self.next as u64);
        self.next += 1;
        format!("{number:>2}. ")
    }

    fn lead(&mut self, story: &Story) {
        let voice = self.sheet.story_voice(story, self.sheet.voice());
        let label = voice.texts.say("lead-story");
        match &story.column {
            Some(column) => self.heading(column.as_str(), &label, voice),
            None => self.heading(&label, "", voice),
        }
        self.gap(1);
        let number = self.number(voice);
        let indent = width(&number);
        self.paragraph(story.title.as_str(), &number, indent, voice);
        self.gap(1);
        let blank = " ".repeat(indent);
        let summary = whole_sentences(story.summary.as_str(), STANDFIRST);
        if !summary.is_empty() {
            self.paragraph(summary, &blank, indent, voice);
            self.gap(1);
        }
        self.sources(story, voice, &blank, Place::Lead);
        self.labels(story, voice, &blank);
    }

    fn labels(&mut self, story: &Story, voice: Voice<'_>, blank: &str) {
        let labels: Vec<&str> = story.tags.iter().take(3).map(crate::domain::tag::Tag::label).collect();
        if !labels.is_empty() {
            self.gap(1);
            let labels = labels.join(&voice.texts.say("list-comma"));
            self.paragraph(&voice.texts.say_of("filed-under", "name", &labels), blank, blank.len(), voice);
        }
    }

    /// Byline, picture credit and address.
    fn sources(&mut self, story: &Story, voice: Voice<'_>, blank: &str, place: Place) {
        let parts: Vec<String> = byline_parts(story, voice, place == Place::Lead)
            .iter()
            .map(|part| isolate(part, voice.direction))
            .collect();
        if !parts.is_empty() {
            self.paragraph(&parts.join(&voice.texts.say("list-comma")), blank, blank.len(), voice);
        }
        let picture = pictures::of(self.sheet, story).filter(|_| place != Place::Later);
        let credit = picture.and_then(|picture| pictures::credit(picture, voice.texts));
        if let Some(credit) = credit {
            self.paragraph(&credit, blank, blank.len(), voice);
        }
        if let Some(url) = &story.url {
            self.address(url.as_str(), blank, voice);
        }
    }

    fn address(&mut self, url: &str, blank: &str, voice: Voice<'_>) {
        let indent = if voice.is_rtl() { "" } else { blank };
        self.line(&format!("{indent}{url}"));
    }

    fn section(&mut self, cut: &CutSection<'_>) {
        let sheet = self.sheet;
        let voice = sheet.section_voice(cut.section);
        let extent = extent(cut.stories.len(), sheet.cut.issue.covers_days, voice);
        self.heading(cut.section.title.as_str(), &extent, voice);
        if !cut.section.intro.is_empty() {
            self.gap(1);
            self.paragraph(cut.section.intro.as_str(), "    ", 4, voice);
        }
        for (at, story) in cut.stories.iter().enumerate() {
            self.gap(1);
            if cut.section.look == Look::Brief {
                self.headline(story, voice);
            } else {
                self.story(story, at, voice);
            }
        }
        if !cut.more.is_empty() {
            self.gap(1);
            let label = voice.texts.say_of("label", "name", &voice.texts.count("more-on-web", cut.more.len()));
            self.paragraph(&label, "    ", 4, voice);
            self.address(&sheet.issue_url, "    ", voice);
        }
    }

    /// A story of a section that prints headlines alone.
    fn headline(&mut self, story: &Story, around: Voice<'_>) {
        let voice = self.sheet.story_voice(story, around);
        let number = self.number(voice);
        let minutes = story.minutes.map(|minutes| format!(" ({})", voice.texts.count("minutes", minutes as usize)));
        let words = format!("{}{}", story.title, minutes.unwrap_or_default());
        self.paragraph(&words, &number, width(&number), voice);
        if let Some(url) = &story.url {
            self.address(url.as_str(), &" ".repeat(width(&number)), voice);
        }
    }

    fn story(&mut self, story: &Story, at: usize, around: Voice<'_>) {
        let voice = self.sheet.story_voice(story, around);
        let number = self.number(voice);
        let indent = width(&number);
        let blank = " ".repeat(indent);
        self.paragraph(story.title.as_str(), &number, indent, voice);
        self.paragraph(whole_sentences(story.summary.as_str(), SUMMARY), &blank, indent, voice);
        self.sources(story, voice, &blank, if at == 0 { Place::First } else { Place::Later });
    }

    fn events(&mut self) {
        let sheet = self.sheet;
        if sheet.cut.events.is_empty() {
            return;
        }
        self.heading(&sheet.texts.say("events"), "", sheet.voice());
        for (at, event) in sheet.cut.events.iter().enumerate() {
            self.gap(1);
            self.event(event, at);
        }
    }

    fn event(&mut self, event: &Event, at: usize) {
        let sheet = self.sheet;
        let (voice, texts) = (sheet.voice(), sheet.texts);
        let first = events::first_day(event, sheet.newsletter);
        let day = format!("{} {}", dates::weekday(first, texts), dates::days(first, first, texts));
        let letter =
            letter(at).filter(|_| !voice.is_rtl()).map_or_else(|| "    ".to_owned(), |letter| format!(" {letter}. "));
        self.paragraph(&day, &letter, 4, voice);
        let place = events::place(event, sheet.newsletter, texts);
        let summary = whole_sentences(event.summary.as_str(), SUMMARY);
        for words in [event.title.as_str(), &place, summary] {
            self.paragraph(words, "    ", 4, voice);
        }
        if let Some(url) = &event.url {
            self.address(url.as_str(), "    ", voice);
        }
        self.paragraph(&texts.say_of("label", "name", &texts.say("add-to-calendar")), "    ", 4, voice);
        self.address(&events::calendar_url(event, sheet.newsletter), "    ", voice);
    }

    fn footer(&mut self) {
        let sheet = self.sheet;
        let (newsletter, texts, voice) = (sheet.newsletter, sheet.texts, sheet.voice());
        // Where a correction or a notice is the last, the rule below it parts already: two would have nothing between them.
        if !self.is_parted() {
            self.gap(2);
            self.rule('-');
        }
        if !newsletter.brand.footer.is_empty() {
            self.gap(1);
            self.prose(&newsletter.brand.footer, "", voice);
        }
        self.gap(1);
        self.paragraph(&footer::why(sheet, Where::PlainText), "", 0, voice);
        let slot = |what| mark(what, Where::PlainText);
        let forwarded = format!("{} {}", texts.say("forwarded"), footer::subscribe(sheet));
        for (label, url) in [
            (texts.say("manage-preferences"), slot(What::PreferencesUrl)),
            (texts.say("unsubscribe"), slot(What::UnsubscribeUrl)),
            (texts.say("view-in-browser"), sheet.issue_url.clone()),
            (texts.say("privacy"), newsletter.publication.privacy_url.to_string()),
            (forwarded, newsletter.subscribe_url()),
        ] {
            self.gap(1);
            self.labelled(&label, &url);
        }
        self.gap(1);
        self.paragraph(&footer::imprint(sheet), "", 0, voice);
        self.line(newsletter.publication.url.as_str());
    }
}

/// The letter of an event: A to Z, then none.
fn letter(at: usize) -> Option<char> {
    u8::try_from(at).ok().filter(|at| *at < 26).map(|at| char::from(b'A' + at))
}

/// A place in a list in small Roman numerals, as nothing else in an issue is numbered; up to 39.
fn roman(place: usize) -> String {
    const ONES: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    format!("{}{}", "x".repeat(place / 10), ONES[place % 10])
}

/// The names in the contents with the numbers of their stories.
fn numbered(sheet: &Sheet<'_>) -> Vec<(String, String)> {
    let (cut, texts) = (sheet.cut, sheet.texts);
    let number = |number: usize| texts.number(number as u64);
    let span = |first: usize, last: usize| {
        if first == last { number(first) } else { format!("{}–{}", number(first), number(last)) }
    };
    let mut entries = Vec::new();
    let mut next = 1;
    if let Some(story) = cut.lead {
        let label = texts.say("lead-story");
        let name = story
            .column
            .as_ref()
            .map_or(label.clone(), |column| format!("{label}: {}", isolate(column.as_str(), sheet.base)));
        entries.push((name, number(next)));
        next += 1;
    }
    for section in &cut.sections {
        let last = next + section.stories.len() - 1;
        entries.push((isolate(section.section.title.as_str(), sheet.base), span(next, last)));
        next = last + 1;
    }
    if !cut.events.is_empty() {
        let letters =
            [letter(0), letter(cut.events.len() - 1)].map(|letter| letter.map_or_else(String::new, String::from));
        let place = match (sheet.base, letters) {
            (Direction::Rtl, _) => number(cut.events.len()),
            (_, [first, last]) if first == last || last.is_empty() => first,
            (_, [first, last]) => format!("{first}–{last}"),
        };
        entries.push((texts.say("events"), place));
    }
    entries
}
