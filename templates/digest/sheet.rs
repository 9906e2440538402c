//! What every component of one rendering needs: the cut, its language, its colours, its addresses.

use crate::domain::archive::Archive;
use crate::domain::issue::{Cut, CutSection, Story};
use crate::domain::newsletter::{Brand, Newsletter, Section};
use crate::domain::slot::{What, Where, mark};
use crate::domain::text::{Direction, Language};
use crate::templates::texts::Texts;
use crate::templates::tokens::{self, Set, Type};
use crate::templates::typography::{join_last_words, join_title, keep_signs};
use crate::templates::{Home, dates};
use chrono::TimeDelta;

/// An editor's note longer than this (in characters) stands below the lead: above it, it would be more than three lines on a phone.
const NOTE_ABOVE: usize = 115;

/// One rendering.
pub struct Sheet<'a> {
    /// What is shown.
    pub cut: &'a Cut<'a>,
    /// Its newsletter, as frozen with the issue.
    pub newsletter: &'a Newsletter,
    /// Where it is shown.
    pub home: Home,
    /// The fixed texts.
    pub texts: &'static Texts,
    /// The direction of the document.
    pub base: Direction,
    /// The styles of its own language.
    pub kind: &'static Type,
    /// The issue's public page.
    pub issue_url: String,
    /// Inline styles with colours.
    pub paint: Paint,
}

/// Inline styles with colours that more than one component needs; made once per rendering, since the accent is the brand's.
pub struct Paint {
    /// The body.
    pub body: String,
    /// The first div.
    pub page: String,
    /// The paper.
    pub sheet: String,
    /// The table that stands for the paper in Word.
    pub ghost_sheet: String,
    /// The row under it.
    pub ghost_footer: String,
    /// The ground of the tinted band.
    pub tint: String,
    /// A headline's link.
    pub ink: String,
    /// A quiet link.
    pub quiet: String,
    /// A link in the accent.
    pub accent: String,
    /// A link in the accent, underlined.
    pub accent_link: String,
    /// The accent alone.
    pub accent_colour: String,
}

/// The language in which a part of the digest speaks, and its styles.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// For `lang`.
    pub language: &'a Language,
    /// For `dir`.
    pub direction: Direction,
    /// The fixed texts.
    pub texts: &'static Texts,
    /// The styles.
    pub kind: &'static Type,
}

impl<'a> Sheet<'a> {
    /// Gathers what a rendering needs.
    pub fn new(cut: &'a Cut<'a>, home: Home) -> Self {
        let newsletter = &cut.issue.newsletter;
        let base = newsletter.language.direction();
        Self {
            cut,
            newsletter,
            home,
            texts: Texts::of(&newsletter.language),
            base,
            kind: Set::of(base, base).styles(newsletter.brand.livery.headlines),
            issue_url: issue_url(newsletter, cut.issue.number, home, Where::HtmlAttribute),
            paint: Paint::new(&newsletter.brand),
        }
    }

    /// Whether it is shown on the web.
    pub fn is_web(&self) -> bool {
        self.home == Home::Web
    }

    /// `No. 214`.
    pub fn number(&self) -> String {
        self.texts.say_with("issue-number", [("number", self.cut.issue.number.into())])
    }

    /// The newsletter's title with its last two words held together.
    pub fn title(&self) -> String {
        join_title(self.newsletter.title.as_str())
    }

    /// `The Week in Review, No. 214`.
    pub fn name(&self) -> String {
        let comma = self.texts.say("list-comma");
        format!("{}{comma}{}", self.newsletter.title, self.number())
    }

    /// The days that the issue covers, in the newsletter's zone.
    pub fn dates(&self) -> String {
        let (window, zone) = (&self.cut.issue.window, self.newsletter.zone);
        let last = (window.to() - TimeDelta::milliseconds(1)).max(window.from());
        let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).date_naive();
        dates::range(day(window.from()), day(last), self.texts)
    }

    /// The place of a section on the web.
    pub fn section_url(&self, section: &Section) -> String {
        format!("{}#{}", self.issue_url, section.slug)
    }

    /// Whether the editor's note is short enough to stand above the lead.
    pub fn note_above(&self) -> bool {
        self.cut.lead.is_none() || self.cut.issue.note.length() <= NOTE_ABOVE
    }

    /// The newsletter's own voice.
    pub fn voice(&self) -> Voice<'_> {
        self.speaking(&self.newsletter.language, self.texts)
    }

    /// The voice of a section.
    pub fn section_voice<'s>(&'s self, section: &'s Section) -> Voice<'s> {
        section.language.as_ref().map_or_else(|| self.voice(), |language| self.speaking(language, self.texts))
    }

    /// The voice of a story; where its language has no fixed texts, they come from what surrounds it.
    pub fn story_voice<'s>(&'s self, story: &'s Story, around: Voice<'s>) -> Voice<'s> {
        if story.language == *around.language { around } else { self.speaking(&story.language, around.texts) }
    }

    /// The voice of a language, in the newsletter's own texts where it has none.
    pub fn voice_of<'s>(&'s self, language: &'s Language) -> Voice<'s> {
        if *language == self.newsletter.language { self.voice() } else { self.speaking(language, self.texts) }
    }

    fn speaking<'s>(&self, language: &'s Language, otherwise: &'static Texts) -> Voice<'s> {
        let direction = language.direction();
        let texts = Texts::find(language).unwrap_or(otherwise);
        Voice {
            language,
            direction,
            texts,
            kind: Set::of(direction, self.base).styles(self.newsletter.brand.livery.headlines),
        }
    }

    /// The stories that a section prints: on the web all of them.
    pub fn printed<'s>(&self, cut: &'s CutSection<'a>) -> impl Iterator<Item = &'a Story> + use<'s, 'a> {
        let more: &'s [&'a Story] = if self.is_web() { &cut.more } else { &[] };
        cut.stories.iter().chain(more).copied()
    }
}

/// Where an issue is read in the browser. Where only readers see it, the link in a mail is the reader's own.
pub(super) fn issue_url(newsletter: &Newsletter, number: u32, home: Home, place: Where) -> String {
    if home == Home::Web || newsletter.archive != Archive::Subscribers {
        return newsletter.issue_url(number);
    }
    format!("{}/{}/{number}", mark(What::PreferencesUrl, place), newsletter.slug)
}

impl Voice<'_> {
    /// Words with the spaces of their language, and the last two held together.
    pub fn set(&self, words: &str) -> String {
        join_last_words(&keep_signs(words, self.language))
    }

    /// Whether it runs from right to left.
    pub fn is_rtl(&self) -> bool {
        self.direction == Direction::Rtl
    }

    /// The side on which its lines begin, for attributes that know no `start`.
    pub fn align(&self) -> &'static str {
        if self.is_rtl() { "right" } else { "left" }
    }
}

impl Paint {
    fn new(brand: &Brand) -> Self {
        let accent = &brand.accent;
        let (page, sheet, ink, mute) = (tokens::PAGE, tokens::SHEET, tokens::INK, tokens::MUTE);
        let cell = format!(
            "<table role=\"presentation\" align=\"center\" width=\"{}\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td bgcolor=\"{sheet}\">",
            tokens::SHEET_WIDTH
        );
        Self {
            body: format!("margin:0;padding:0;background-color:{page}"),
            page: format!("background-color:{page};-webkit-text-size-adjust:100%;text-size-adjust:100%"),
            sheet: format!("max-width:640px;margin:0 auto;background-color:{sheet}"),
            ghost_sheet: cell,
            ghost_footer: format!("</td></tr><tr><td bgcolor=\"{page}\">"),
            tint: brand.livery.tint.clone().unwrap_or_else(|| tokens::TINT.to_owned()),
            ink: format!("color:{ink};text-decoration:none"),
            quiet: format!("color:{mute};text-decoration:underline"),
            accent: format!("color:{accent};text-decoration:none"),
            accent_link: format!("color:{accent};text-decoration:underline"),
            accent_colour: format!(";color:{accent}"),
        }
    }
}
