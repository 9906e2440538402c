//! The brand's accent, made legible: changed and said, never refused.

use crate::domain::colour::Colour;
use crate::templates::tokens;

/// The accent for paper, its twin for the dark, and whether the first differs from what was asked for. The accent reaches 4.5:1 (WCAG 2.2, 1.4.3) on
/// sheet and tint, or is darkened until it does; the twin is lightened until it reaches 7:1 on the dark sheet. What is no colour becomes our own accent.
pub fn legible(accent: &str, tint: Option<&str>) -> (String, String, bool) {
    let Ok(asked) = Colour::parse(accent) else {
        return (tokens::ACCENT.to_owned(), tokens::ACCENT_DARK.to_owned(), true);
    };
    let tint = tint.and_then(|tint| Colour::parse(tint).ok()).unwrap_or(ours(tokens::TINT));
    let light = asked.darkened_until(4.5, &[ours(tokens::SHEET), tint]);
    let dark = if light == ours(tokens::ACCENT) {
        ours(tokens::ACCENT_DARK)
    } else {
        asked.lightened_until(7.0, &[ours(tokens::SHEET_DARK)])
    };
    (light.to_hex(), dark.to_hex(), light != asked)
}

/// A ground that everything of ours can be read on, and whether it differs from what was asked for: lightened until meta lines reach 4.5:1.
pub fn readable_ground(ground: &str) -> (String, bool) {
    let Ok(asked) = Colour::parse(ground) else { return (tokens::TINT.to_owned(), true) };
    let readable = asked.lightened_until(4.5, &[ours(tokens::MUTE), ours(tokens::INK)]);
    (readable.to_hex(), readable != asked)
}

fn ours(text: &str) -> Colour {
    Colour::parse(text).expect("the tokens are colours, as their test proves")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_accent_keeps_its_twin() {
        assert_eq!(legible("#9B1B22", None), ("#9b1b22".to_owned(), "#ff9d92".to_owned(), false));
    }

    #[test]
    fn a_brand_yellow_becomes_legible_and_says_so() {
        let (light, dark, changed) = legible("#ffcc00", None);
        assert!(changed && dark == "#ffcc00", "{light} {dark}");
        let light = Colour::parse(&light).unwrap();
        for ground in [tokens::SHEET, tokens::TINT] {
            assert!(light.contrast(Colour::parse(ground).unwrap()) >= 4.5);
        }
    }

    #[test]
    fn what_is_no_colour_becomes_our_accent() {
        assert_eq!(
            legible("javascript:alert(1)", None),
            (tokens::ACCENT.to_owned(), tokens::ACCENT_DARK.to_owned(), true)
        );
    }

    #[test]
    fn a_dark_tint_becomes_light_enough_and_the_accent_is_read_on_it() {
        assert_eq!(readable_ground("#eef3f8"), ("#eef3f8".to_owned(), false));
        for dark in ["#000000", "#336699", "#9a9a9a"] {
            let (tint, changed) = readable_ground(dark);
            let ground = Colour::parse(&tint).unwrap();
            assert!(changed && ground.contrast(ours(tokens::MUTE)) >= 4.5, "{dark} became {tint}");
            let accent = Colour::parse(&legible("#9b1b22", Some(&tint)).0).unwrap();
            assert!(accent.contrast(ground) >= 4.5, "{dark} became {tint}");
        }
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
