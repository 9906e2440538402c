//! Whether text can be told from its ground, by the colours that stand in the mail itself (WCAG 2.2, 1.4.3). What a reader's program makes of them in
//! the dark is not known here.

use super::clients::declarations;
use super::markup::Tag;
use crate::domain::colour::Colour;

/// The least contrast of text, and of large text.
const LEAST: (f64, f64) = (4.5, 3.0);
/// Text is large from so many pixels on, and when bold from so many (18 and 14 points).
const LARGE: (f64, f64) = (24.0, 18.66);

/// How text looks where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paint {
    ink: Colour,
    ground: Colour,
    pixels: f64,
    is_bold: bool,
}

impl Paint {
    /// What a mail program begins with.
    pub(super) fn plain() -> Option<Self> {
        let (ink, ground) = (Colour::parse("#000000").ok()?, Colour::parse("#ffffff").ok()?);
        Some(Self { ink, ground, pixels: 16.0, is_bold: false })
    }

    /// How it looks inside an element.
    pub(super) fn inside(mut self, tag: &Tag<'_>) -> Self {
        if let Some(ground) = tag.attribute("bgcolor").and_then(|text| colour(&text)) {
            self.ground = ground;
        }
        self.is_bold |= matches!(tag.name.as_str(), "b" | "strong" | "th" | "h1" | "h2" | "h3");
        let Some(style) = tag.attribute("style") else { return self };
        for (name, value) in declarations(&style) {
            match name.as_str() {
                "color" => self.ink = colour(value).unwrap_or(self.ink),
                "background-color" | "background" => {
                    self.ground = value.split_whitespace().find_map(colour).unwrap_or(self.ground);
                }
                "font" => self.font(value),
                "font-size" => self.pixels = pixels(value).unwrap_or(self.pixels),
                "font-weight" => self.is_bold = is_bold(value),
                _ => {}
            }
        }
        self
    }

    fn font(&mut self, value: &str) {
        // A short form sets back what it does not name.
        self.is_bold = value.split_whitespace().take_while(|word| pixels(word).is_none()).any(is_bold);
        self.pixels = value.split([' ', '/']).find_map(pixels).unwrap_or(self.pixels);
    }

    /// What is wrong with text that looks like this.
    pub(super) fn fault(self) -> Option<String> {
        let is_large = self.pixels >= LARGE.0 || (self.is_bold && self.pixels >= LARGE.1);
        let least = if is_large { LEAST.1 } else { LEAST.0 };
        let contrast = self.ink.contrast(self.ground);
        (contrast < least).then(|| {
            format!("{} on {} has {contrast:.1}:1, {least}:1 is needed", self.ink.to_hex(), self.ground.to_hex())
        })
    }
}

fn colour(text: &str) -> Option<Colour> {
    let text = text.trim().trim_end_matches("!important").trim();
    match text.to_ascii_lowercase().as_str() {
        "white" => Colour::parse("#ffffff").ok(),
        "black" => Colour::parse("#000000").ok(),
        short if short.len() == 4 && short.starts_with('#') => {
            let doubled: String = short.chars().skip(1).flat_map(|digit| [digit, digit]).collect();
            Colour::parse(&format!("#{doubled}")).ok()
        }
        text => Colour::parse(text).ok(),
    }
}

fn pixels(text: &str) -> Option<f64> {
    text.trim().split('/').next()?.strip_suffix("px")?.parse().ok()
}

fn is_bold(word: &str) -> bool {
    matches!(word, "bold" | "bolder") || word.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::inspect::markup::{Token, Tokens};

    fn fault(markup: &str) -> Option<String> {
        let tags = Tokens::of(markup).filter_map(|token| match token {
            Token::Open(tag) => Some(tag),
            _ => None,
        });
        tags.fold(Paint::plain().unwrap(), |paint, tag| paint.inside(&tag)).fault()
    }

    #[test]
    fn pale_text_is_named_with_its_colours_and_large_text_may_be_paler() {
        assert_eq!(fault("<p style='color:#5c554c'>"), None);
        assert_eq!(
            fault("<td bgcolor=\"#fffdf8\"><p style=\"color:#999\">").unwrap(),
            "#999999 on #fffdf8 has 2.8:1, 4.5:1 is needed"
        );
        assert_eq!(fault("<p style=\"color:#888;font:normal 24px/30px Georgia\">"), None);
        assert_eq!(fault("<h2 style=\"color:#888;font-size:19px\">"), None);
        assert!(fault("<h2 style=\"color:#888;font:normal 19px/30px Georgia\">").is_some());
        assert_eq!(fault("<div style=\"background:#000 url(x)\"><b style=\"color:white\">"), None);
    }
}
