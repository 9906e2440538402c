//! Colours: contrast as WCAG 2.2 measures it, and changing a brand colour just enough to be read.
//!
//! Lightness is changed in OKLCH, where equal steps look equal and the hue stays; chroma gives way when a colour would leave sRGB.

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text that is no colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a colour: write six hexadecimal digits, such as \"#9b1b22\"")]
pub struct ColourError(String);

/// A colour as OKLCH: lightness 0 to 1, chroma, hue in radians.
#[derive(Debug, Clone, Copy)]
struct Oklch {
    lightness: f64,
    chroma: f64,
    hue: f64,
}

impl Colour {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Result<Self, ColourError> {
        let refused = || ColourError(text.to_owned());
        let digits = text.trim().strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii()).ok_or_else(refused)?;
        let value = u32::from_str_radix(digits, 16).map_err(|_| refused())?;
        Ok(Self { red: (value >> 16) as u8, green: (value >> 8) as u8, blue: value as u8 })
    }

    /// `#rrggbb`, in lower case.
    pub fn to_hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The nearest colour, going darker, that reaches `ratio` on every one of the grounds; black if none does.
    pub fn darkened_until(self, ratio: f64, grounds: &[Self]) -> Self {
        self.moved_until(-LIGHTNESS_STEP, ratio, grounds)
    }

    /// The nearest colour, going lighter, that reaches `ratio` on every one of the grounds; white if none does.
    pub fn lightened_until(self, ratio: f64, grounds: &[Self]) -> Self {
        self.moved_until(LIGHTNESS_STEP, ratio, grounds)
    }

    fn moved_until(self, step: f64, ratio: f64, grounds: &[Self]) -> Self {
        let reaches = |colour: Self| grounds.iter().all(|ground| colour.contrast(*ground) >= ratio);
        let start = self.oklch();
        let (mut colour, mut lightness) = (self, start.lightness);
        while !reaches(colour) && (0.0..=1.0).contains(&lightness) {
            lightness += step;
            colour = Oklch { lightness: lightness.clamp(0.0, 1.0), ..start }.to_colour();
        }
        colour
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    #[expect(clippy::many_single_char_names, reason = "the names of the published formula")]
    fn oklch(self) -> Oklch {
        let [r, g, b] = self.linear();
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
        Oklch {
            lightness: 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            chroma: a.hypot(b),
            hue: b.atan2(a),
        }
    }
}

/// One step of lightness: smaller than the eye can tell.
const LIGHTNESS_STEP: f64 = 0.004;

impl Oklch {
    /// The colour in sRGB, with as much of its chroma as fits there.
    fn to_colour(self) -> Colour {
        let mut chroma = self.chroma;
        loop {
            let channels = self.with_chroma(chroma);
            if chroma < 0.001 || channels.iter().all(|c| (-0.0005..=1.0005).contains(c)) {
                let [red, green, blue] = channels.map(encode);
                return Colour { red, green, blue };
            }
            chroma *= 0.97;
        }
    }

    #[expect(clippy::many_single_char_names, reason = "the names of the published formula")]
    fn with_chroma(self, chroma: f64) -> [f64; 3] {
        let (sin, cos) = self.hue.sin_cos();
        let (a, b) = (chroma * cos, chroma * sin);
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

/// A linear channel as an sRGB byte.
fn encode(channel: f64) -> u8 {
    let value = channel.clamp(0.0, 1.0);
    let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "red", "#fff", "#12345g", "9b1b22", "#1234567", "#ééé"] {
            assert!(Colour::parse(text).is_err(), "{text}");
        }
        assert_eq!(colour("#9B1b22").to_hex(), "#9b1b22");
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((colour("#000000").contrast(colour("#ffffff")) - 21.0).abs() < 0.001);
        assert!((colour("#767676").contrast(colour("#ffffff")) - 4.54).abs() < 0.01);
    }

    #[test]
    fn a_round_trip_through_oklch_keeps_the_colour() {
        for text in ["#9b1b22", "#000000", "#ffffff", "#00ff00", "#123456", "#ffcc00"] {
            assert_eq!(colour(text).oklch().to_colour().to_hex(), text);
        }
    }

    #[test]
    fn a_colour_that_passes_stays_as_it_is_and_one_that_fails_moves_until_it_does() {
        let (paper, night) = (colour("#fffdf8"), colour("#191714"));
        assert_eq!(colour("#9b1b22").darkened_until(4.5, &[paper]), colour("#9b1b22"));
        for text in ["#ffcc00", "#ff69b4", "#ffffff", "#00ffff", "#808080"] {
            let (dark, light) =
                (colour(text).darkened_until(4.5, &[paper]), colour(text).lightened_until(7.0, &[night]));
            assert!(dark.contrast(paper) >= 4.5 && dark.contrast(paper) < 4.8, "{text} became {}", dark.to_hex());
            assert!(light.contrast(night) >= 7.0, "{text} became {}", light.to_hex());
        }
    }
}
