//! The brand's accent, made legible: changed and said, never refused.

use crate::domain::colour::Colour;
use crate::templates::tokens;

/// The accent for paper, its twin for the dark, and whether the first differs from what was asked for. The accent reaches 4.5:1 (WCAG 2.2, 1.4.3) on
/// sheet and tint, or is darkened until it does; the twin is lightened until it reaches 7:1 on the dark sheet. What is no colour becomes our own accent.
pub fn legible(accent: &str) -> (String, String, bool) {
    let ours = |text: &str| Colour::parse(text).expect("the tokens are colours, as their test proves");
    let Ok(asked) = Colour::parse(accent) else {
        return (tokens::ACCENT.to_owned(), tokens::ACCENT_DARK.to_owned(), true);
    };
    let light = asked.darkened_until(4.5, &[ours(tokens::SHEET), ours(tokens::TINT)]);
    let dark = if light == ours(tokens::ACCENT) {
        ours(tokens::ACCENT_DARK)
    } else {
        asked.lightened_until(7.0, &[ours(tokens::SHEET_DARK)])
    };
    (light.to_hex(), dark.to_hex(), light != asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_accent_keeps_its_twin() {
        assert_eq!(legible("#9B1B22"), ("#9b1b22".to_owned(), "#ff9d92".to_owned(), false));
    }

    #[test]
    fn a_brand_yellow_becomes_legible_and_says_so() {
        let (light, dark, changed) = legible("#ffcc00");
        assert!(changed && dark == "#ffcc00", "{light} {dark}");
        let light = Colour::parse(&light).unwrap();
        for ground in [tokens::SHEET, tokens::TINT] {
            assert!(light.contrast(Colour::parse(ground).unwrap()) >= 4.5);
        }
    }

    #[test]
    fn what_is_no_colour_becomes_our_accent() {
        assert_eq!(legible("javascript:alert(1)"), (tokens::ACCENT.to_owned(), tokens::ACCENT_DARK.to_owned(), true));
    }

    #[test]
    fn every_token_is_legible_where_it_stands() {
        let ratio = |ink: &str, ground: &str| Colour::parse(ink).unwrap().contrast(Colour::parse(ground).unwrap());
        for (ink, grounds) in [
            (tokens::INK, [tokens::SHEET, tokens::TINT, tokens::PAGE]),
            (tokens::MUTE, [tokens::SHEET, tokens::TINT, tokens::PAGE]),
            (tokens::INK_DARK, [tokens::SHEET_DARK, tokens::TINT_DARK, tokens::PAGE_DARK]),
            (tokens::MUTE_DARK, [tokens::SHEET_DARK, tokens::TINT_DARK, tokens::PAGE_DARK]),
        ] {
            assert!(grounds.iter().all(|ground| ratio(ink, ground) >= 4.5), "{ink}");
        }
    }
}
