//! A decoded picture → the files that readers get: the size of the slot at twice the density, under the byte budget.

use super::{Original, sha256};
use crate::store::pictures::Rendition;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::FilterType as Resampling;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgba};
use std::io::Cursor;

/// The most bytes of one file: a digest with six pictures stays a third of a megabyte.
pub(super) const BUDGET: usize = 60 << 10;

/// The lead's slot, 640 × 480 at most, at twice the density.
const WIDE: (u32, u32) = (1_280, 960);
/// A section's slot is 152 wide, on a phone as wide as the column, about 304.
const SMALL: (u32, u32) = (608, 480);

/// JPEG qualities, tried from the best: below the last one the picture becomes smaller instead.
const QUALITIES: [u8; 5] = [84, 76, 68, 60, 52];
/// By how much it becomes smaller then, beyond what the excess asks for.
const SHRINK: f64 = 0.95;

/// A profile longer than this is the usual sRGB with its curves, which goes without saying; wide-gamut ones are shorter.
const ICC_BYTES: usize = 1_024;

/// What shows through a transparent picture when it must become a JPEG: the paper.
const PAPER: [u8; 3] = [0xff, 0xfd, 0xf8];

/// The rendition for the lead.
pub(super) fn wide(original: &Original) -> Result<Rendition, String> {
    set(original, WIDE)
}

/// The rendition for a section, if the other would be larger than it needs.
pub(super) fn small(original: &Original) -> Result<Option<Rendition>, String> {
    let (width, height) = (original.pixels.width(), original.pixels.height());
    (width > SMALL.0 || height > SMALL.1).then(|| set(original, SMALL)).transpose()
}

fn set(original: &Original, slot: (u32, u32)) -> Result<Rendition, String> {
    let mut pixels = fitted(&original.pixels, slot);
    // Drawings and screenshots come without loss and are sharpest, and smallest, that way.
    if original.format != ImageFormat::Jpeg
        && let Some(bytes) = png(&pixels, original.icc.as_deref())?.filter(|bytes| bytes.len() <= BUDGET)
    {
        return Ok(rendition("image/png", &pixels, bytes));
    }
    loop {
        let flat = on_paper(&pixels);
        let mut length = 0;
        for quality in QUALITIES {
            let bytes = jpeg(&flat, quality, original.icc.as_deref())?;
            if bytes.len() <= BUDGET {
                return Ok(rendition("image/jpeg", &pixels, bytes));
            }
            length = bytes.len();
        }
        // Bytes go with the area, nearly.
        let scale = (BUDGET as f64 / length as f64).sqrt().min(1.0) * SHRINK;
        let smaller = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        pixels = fitted(&pixels, (smaller(pixels.width()), smaller(pixels.height())));
    }
}

fn rendition(media_type: &'static str, pixels: &DynamicImage, bytes: Vec<u8>) -> Rendition {
    Rendition { sha256: sha256(&bytes), media_type, width: pixels.width(), height: pixels.height(), bytes }
}

/// At most as large as the slot, never larger than it is; one that is very tall or wide keeps a pixel.
fn fitted(pixels: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    if pixels.width() <= width && pixels.height() <= height {
        return pixels.clone();
    }
    pixels.resize(width, height, Resampling::Lanczos3)
}

/// The smaller of two ways to write it: drawings want no filter, slopes one.
fn png(pixels: &DynamicImage, icc: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
    let mut best: Option<Vec<u8>> = None;
    for filter in [FilterType::NoFilter, FilterType::Adaptive] {
        let mut file = Vec::new();
        let mut encoder = PngEncoder::new_with_quality(Cursor::new(&mut file), CompressionType::Default, filter);
        keep_profile(&mut encoder, icc);
        let (width, height) = (pixels.width(), pixels.height());
        let written = if pixels.color().has_alpha() {
            encoder.write_image(&pixels.to_rgba8(), width, height, ExtendedColorType::Rgba8)
        } else {
            encoder.write_image(&pixels.to_rgb8(), width, height, ExtendedColorType::Rgb8)
        };
        written.map_err(|error| error.to_string())?;
        if best.as_ref().is_none_or(|known| file.len() < known.len()) {
            best = Some(file);
        }
    }
    Ok(best)
}

fn jpeg(pixels: &image::RgbImage, quality: u8, icc: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, quality);
    keep_profile(&mut encoder, icc);
    encoder
        .write_image(pixels, pixels.width(), pixels.height(), ExtendedColorType::Rgb8)
        .map_err(|error| error.to_string())?;
    Ok(file)
}

/// A short colour profile stays: without it a photograph from a telephone would look pale.
fn keep_profile(encoder: &mut impl ImageEncoder, icc: Option<&[u8]>) {
    if let Some(icc) = icc.filter(|icc| icc.len() <= ICC_BYTES) {
        // An encoder that takes none writes the picture without.
        let _ = encoder.set_icc_profile(icc.to_vec());
    }
}

fn on_paper(pixels: &DynamicImage) -> image::RgbImage {
    if !pixels.color().has_alpha() {
        return pixels.to_rgb8();
    }
    let see_through = pixels.to_rgba8();
    image::RgbImage::from_fn(see_through.width(), see_through.height(), |x, y| {
        let Rgba([red, green, blue, alpha]) = *see_through.get_pixel(x, y);
        let mix = |over: u8, paper: u8| {
            ((u32::from(over) * u32::from(alpha) + u32::from(paper) * (255 - u32::from(alpha))) / 255) as u8
        };
        image::Rgb([mix(red, PAPER[0]), mix(green, PAPER[1]), mix(blue, PAPER[2])])
    })
}
