//! Colours, sizes and font stacks of the mail, in one place; each colour with its twin in the dark.
//!
//! Near-white and near-black instead of `#ffffff` and `#000000`: mail apps that invert colours then move both ends and keep the warmth.

use crate::domain::livery::Headlines;
use crate::domain::text::Direction;
use std::sync::LazyLock;

/// Around the sheet.
pub const PAGE: &str = "#f3eee4";
/// The paper.
pub const SHEET: &str = "#fffdf8";
/// The one tinted band.
pub const TINT: &str = "#f8f3e9";
/// Text.
pub const INK: &str = "#1b1815";
/// Meta lines and the footer.
pub const MUTE: &str = "#5c554c";
/// Links and labels, when no brand says otherwise.
pub const ACCENT: &str = "#9b1b22";
/// Thin decorative lines.
pub const HAIR: &str = "#d9d0c1";
/// What shows where a picture is missing.
pub const GROUND: &str = "#ecdfc8";

/// [`PAGE`] in the dark.
pub const PAGE_DARK: &str = "#0e0d0c";
/// [`SHEET`] in the dark.
pub const SHEET_DARK: &str = "#191714";
/// [`TINT`] in the dark.
pub const TINT_DARK: &str = "#23201c";
/// [`INK`] in the dark.
pub const INK_DARK: &str = "#f1ece4";
/// [`MUTE`] in the dark.
pub const MUTE_DARK: &str = "#b9b1a5";
/// [`ACCENT`] in the dark.
pub const ACCENT_DARK: &str = "#ff9d92";
/// [`HAIR`] in the dark.
pub const HAIR_DARK: &str = "#3f3a33";

/// The sheet's width in CSS pixels: gutter 24, rail 136, column 456, gutter 24.
pub const SHEET_WIDTH: u32 = 640;
/// The width between the gutters.
pub const MEASURE: u32 = RAIL + COLUMN;
/// The width of the rail that holds a section's name.
pub const RAIL: u32 = 136;
/// The width of the column that holds its stories: about 60 characters.
pub const COLUMN: u32 = 456;
/// The width of a section's picture.
pub const SIDE_PICTURE: u32 = 152;

const SERIF: &str = "Georgia,'Times New Roman',serif";
const SANS: &str = "Helvetica,Arial,sans-serif";
const ARABIC: &str = "Tahoma,'Noto Naskh Arabic','Geeza Pro',Arial,sans-serif";

/// The inline styles of text in one script and alignment; built once.
#[derive(Debug)]
pub struct Type {
    /// The publication's name in the masthead.
    pub mark: String,
    /// The digest's title.
    pub title: String,
    /// A sentence below the title.
    pub tagline: String,
    /// The editor's note.
    pub note: String,
    /// The column's name over the lead; takes the accent behind it.
    pub kicker: String,
    /// The lead's headline.
    pub lead: String,
    /// The lead's summary.
    pub standfirst: String,
    /// A section's name; takes the accent behind it.
    pub rail: String,
    /// The headline of a section's first story.
    pub first: String,
    /// Any other headline.
    pub head: String,
    /// A headline in a list of headlines.
    pub entry: String,
    /// A summary.
    pub summary: String,
    /// Author, source and minutes.
    pub meta: String,
    /// The same with the distance to what follows.
    pub byline: String,
    /// A row of the contents.
    pub row: String,
    /// What an event is about.
    pub detail: String,
    /// The credit of a picture.
    pub credit: String,
    /// What shows in place of a picture.
    pub alt: String,
    /// The footer.
    pub foot: String,
    /// The links of the footer.
    pub links: String,
    /// The dateline, without its weight and colour.
    pub dateline: String,
    /// The button's text.
    pub button: String,
    /// An event's weekday and month.
    pub day: String,
    /// An event's day of the month.
    pub date: String,
}

/// Which of the three sets a text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Left to right, in a document that runs so: alignment goes without saying, and without bytes.
    Plain,
    /// Left to right, inside a document that runs from right to left.
    Left,
    /// Right to left.
    Right,
}

impl Set {
    /// The set for a text that runs in one direction, in a document that runs in another.
    pub fn of(text: Direction, document: Direction) -> Self {
        match (text, document) {
            (Direction::Rtl, _) => Self::Right,
            (Direction::Ltr, Direction::Rtl) => Self::Left,
            (Direction::Ltr, Direction::Ltr) => Self::Plain,
        }
    }

    /// Its styles.
    pub fn styles(self, headlines: Headlines) -> &'static Type {
        static PLAIN: LazyLock<Type> = LazyLock::new(|| latin("", SERIF));
        static LEFT: LazyLock<Type> = LazyLock::new(|| latin(";text-align:left", SERIF));
        static PLAIN_SANS: LazyLock<Type> = LazyLock::new(|| latin("", SANS));
        static LEFT_SANS: LazyLock<Type> = LazyLock::new(|| latin(";text-align:left", SANS));
        static RIGHT: LazyLock<Type> = LazyLock::new(arabic);
        match (self, headlines) {
            (Self::Plain, Headlines::Serif) => &PLAIN,
            (Self::Left, Headlines::Serif) => &LEFT,
            (Self::Plain, Headlines::Sans) => &PLAIN_SANS,
            (Self::Left, Headlines::Sans) => &LEFT_SANS,
            // These scripts have one stack for everything.
            (Self::Right, _) => &RIGHT,
        }
    }
}

/// Latin, Greek, Cyrillic: a serif for what is read, a sans for what is looked up, and for headlines what the brand says.
fn latin(align: &str, heads: &str) -> Type {
    Type {
        mark: format!("margin:0 0 8px;font:bold 17px/22px {heads};text-align:center"),
        title: format!(";font:normal 50px/54px {heads};font-weight:normal;color:{INK};text-align:center"),
        tagline: format!("margin:0 0 18px;font:italic 16px/24px {SERIF};color:{MUTE};text-align:center"),
        note: format!("margin:0 auto;max-width:500px;font:italic 18px/28px {SERIF};color:{INK};text-align:center"),
        kicker: format!("margin:0 0 8px;font:bold 14px/20px {SANS}{align}"),
        lead: format!("margin:0;font:bold 36px/41px {heads}{align}"),
        standfirst: format!("margin:0 0 14px;font:18px/29px {SERIF};color:{INK}{align}"),
        rail: format!("margin:16px 8px 2px 0;font:20px/24px {heads};font-weight:normal{align}"),
        first: format!("margin:0 0 6px;font:bold 22px/27px {heads}{align}"),
        head: format!("margin:0 0 6px;font:bold 19px/24px {heads}{align}"),
        entry: format!("margin:0 0 8px;font:18px/26px {heads}{align}"),
        summary: format!("margin:0 0 8px;font:16px/24px {SERIF};color:{INK}{align}"),
        meta: format!("margin:0;font:14px/20px {SANS};color:{MUTE}{align}"),
        byline: format!("margin:0 0 20px;font:14px/20px {SANS};color:{MUTE}{align}"),
        row: format!("font:16px/22px {SERIF}"),
        detail: format!("margin:0;font:15px/22px {SERIF};color:{INK}{align}"),
        credit: format!("margin:0;padding:6px 24px 0;font:12px/16px {SANS};color:{MUTE}{align}"),
        alt: format!("font:italic 15px/22px {SERIF}"),
        foot: format!("margin:0 0 12px;font:14px/21px {SANS};color:{MUTE}{align}"),
        links: format!("margin:0 0 12px;font:14px/28px {SANS};color:{MUTE}{align}"),
        dateline: format!("13px/18px {SANS}"),
        button: format!("bold 15px/20px {SANS}"),
        day: format!("margin:0;font:13px/17px {SANS}{align}"),
        date: format!("margin:0;font:32px/38px {heads}{align}"),
    }
}

/// Persian, Arabic, Hebrew: a pixel larger, more leading, bold heads, no italics, which these scripts do not have.
fn arabic() -> Type {
    let align = ";text-align:right";
    Type {
        mark: format!("margin:0 0 8px;font:bold 18px/30px {ARABIC};text-align:center"),
        title: format!(";font:bold 42px/66px {ARABIC};color:{INK};text-align:center"),
        tagline: format!("margin:0 0 16px;font:17px/30px {ARABIC};color:{MUTE};text-align:center"),
        note: format!("margin:0 auto;max-width:500px;font:18px/32px {ARABIC};color:{INK};text-align:center"),
        kicker: format!("margin:0 0 6px;font:bold 15px/26px {ARABIC}{align}"),
        lead: format!("margin:0;font:bold 31px/50px {ARABIC}{align}"),
        standfirst: format!("margin:0 0 14px;font:18px/32px {ARABIC};color:{INK}{align}"),
        rail: format!("margin:10px 0 2px 8px;font:bold 19px/34px {ARABIC}{align}"),
        first: format!("margin:0 0 6px;font:bold 22px/36px {ARABIC}{align}"),
        head: format!("margin:0 0 6px;font:bold 19px/32px {ARABIC}{align}"),
        entry: format!("margin:0 0 8px;font:18px/32px {ARABIC}{align}"),
        summary: format!("margin:0 0 8px;font:17px/30px {ARABIC};color:{INK}{align}"),
        meta: format!("margin:0;font:14px/24px {ARABIC};color:{MUTE}{align}"),
        byline: format!("margin:0 0 20px;font:14px/24px {ARABIC};color:{MUTE}{align}"),
        row: format!("font:17px/22px {ARABIC}"),
        detail: format!("margin:0;font:16px/28px {ARABIC};color:{INK}{align}"),
        credit: format!("margin:0;padding:6px 24px 0;font:12px/20px {ARABIC};color:{MUTE}{align}"),
        alt: format!("font:15px/26px {ARABIC}"),
        foot: format!("margin:0 0 12px;font:14px/24px {ARABIC};color:{MUTE}{align}"),
        links: format!("margin:0 0 12px;font:14px/30px {ARABIC};color:{MUTE}{align}"),
        dateline: format!("13px/22px {ARABIC}"),
        button: format!("bold 15px/20px {ARABIC}"),
        day: format!("margin:0;font:13px/20px {ARABIC}{align}"),
        date: format!("margin:0;font:bold 28px/40px {ARABIC}{align}"),
    }
}
