//! Pictures of stories, fetched while collecting, so that composing an issue does no I/O.
//!
//! A file from outside is decoded under limits, turned upright, resized to its slot at twice the density and written anew, so that nothing of the
//! original file reaches a reader; who made it is read before. What cannot be decoded is left out with the reason. Must not keep the original.

mod fetching;
mod rights;
mod setting;

pub use fetching::{fetch_named, fetch_new};

use crate::store::pictures::{NewPicture, Rendition};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use rights::Rights;
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// The most bytes of a file that is fetched: what a camera makes, not what a mail can carry.
pub const BYTES: usize = 12 << 20;
/// The most pictures that are fetched in one run.
pub const PER_RUN: usize = 40;
/// Pictures smaller than this in either direction are decoration, or count readers.
const SMALLEST: u32 = 100;
/// The most pixels of a side.
const LONGEST_SIDE: u32 = 12_000;
/// The most memory that decoding one picture may take: 40 megapixels in colour and transparency.
const MEMORY: u64 = 160 << 20;

/// The formats that are read.
const READ: [(ImageFormat, &str); 4] = [
    (ImageFormat::Png, "image/png"),
    (ImageFormat::Jpeg, "image/jpeg"),
    (ImageFormat::WebP, "image/webp"),
    (ImageFormat::Gif, "image/gif"),
];

/// A decoded file.
struct Original {
    pixels: DynamicImage,
    format: ImageFormat,
    media_type: &'static str,
    rights: Rights,
    icc: Option<Vec<u8>>,
}

/// Takes a file for a picture of ours: sets it for its slots and says who made it, or says why not.
pub fn copy(bytes: &[u8]) -> Result<NewPicture, String> {
    let original = decode(bytes)?;
    let shown = setting::wide(&original)?;
    let small = setting::small(&original)?;
    Ok(NewPicture {
        shown,
        small,
        media_type: original.media_type,
        credit: original.rights.credit,
        licence: original.rights.licence,
    })
}

/// Takes a file for a picture that stays where it lies: measured, never kept. Mail programs show PNG and JPEG.
pub fn measure(bytes: &[u8]) -> Result<NewPicture, String> {
    let original = decode(bytes)?;
    let media_type = match original.media_type {
        shown @ ("image/png" | "image/jpeg") => shown,
        other => {
            return Err(format!(
                "{other} is not shown by all mail programs, and this source's pictures may not be copied"
            ));
        }
    };
    let shown = Rendition {
        sha256: sha256(bytes),
        media_type,
        width: original.pixels.width(),
        height: original.pixels.height(),
        bytes: Vec::new(),
    };
    Ok(NewPicture { shown, small: None, media_type, credit: original.rights.credit, licence: original.rights.licence })
}

fn decode(bytes: &[u8]) -> Result<Original, String> {
    if bytes.len() > BYTES {
        return Err(format!("larger than {} MB", BYTES >> 20));
    }
    let format = image::guess_format(bytes).map_err(|_| "not a picture".to_owned())?;
    let (_, media_type) = READ
        .into_iter()
        .find(|(known, _)| *known == format)
        .ok_or_else(|| format!("{format:?} is not read; PNG, JPEG, WebP and GIF are"))?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let broken = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => "too large to decode".to_owned(),
        other => format!("a broken picture: {other}"),
    };
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width < SMALLEST || height < SMALLEST {
        return Err(format!("{width} × {height} pixels"));
    }
    if u64::from(width) * u64::from(height) * 4 > MEMORY {
        return Err("too large to decode".to_owned());
    }
    let exif = decoder.exif_metadata().ok().flatten();
    let iptc = decoder.iptc_metadata().ok().flatten();
    let xmp = decoder.xmp_metadata().ok().flatten();
    let icc = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(broken)?;
    pixels.apply_orientation(orientation);
    Ok(Original {
        pixels,
        format,
        media_type,
        rights: rights::read(exif.as_deref(), iptc.as_deref(), xmp.as_deref()),
        icc,
    })
}

fn sha256(bytes: &[u8]) -> String {
    crate::domain::issue::hex(&Sha256::digest(bytes))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use image::{ImageEncoder, Rgb, RgbImage};

    /// A whole PNG file: a slope of two colours.
    pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
        encoded(&slope(width, height), ImageFormat::Png)
    }

    fn slope(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            if x * height > y * width { Rgb([155, 27, 34]) } else { Rgb([243, 238, 228]) }
        }))
    }

    /// What no encoder can make small: every pixel by chance, from a fixed seed.
    fn noise(width: u32, height: u32) -> DynamicImage {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |_, _| Rgb([next(), next(), next()])))
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_large_picture_is_set_for_both_slots_at_twice_the_density() {
        let picture = copy(&png(2_000, 1_000)).unwrap();
        let small = picture.small.unwrap();
        assert_eq!((picture.shown.width, picture.shown.height, picture.shown.media_type), (1_280, 640, "image/png"));
        assert_eq!((small.width, small.height), (608, 304));
        assert_eq!(image::load_from_memory(&picture.shown.bytes).unwrap().width(), 1_280);
        assert_ne!(picture.shown.sha256, small.sha256);
    }

    #[test]
    fn a_small_picture_is_never_enlarged() {
        let picture = copy(&png(300, 200)).unwrap();
        assert_eq!((picture.shown.width, picture.shown.height, picture.small), (300, 200, None));
    }

    #[test]
    fn webp_and_gif_are_read_and_written_as_what_mail_programs_show() {
        for format in [ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Jpeg] {
            let picture = copy(&encoded(&slope(320, 200), format)).unwrap();
            assert!(["image/png", "image/jpeg"].contains(&picture.shown.media_type), "{format:?}");
            assert_eq!((picture.shown.width, picture.shown.height), (320, 200), "{format:?}");
        }
    }

    #[test]
    fn the_byte_budget_is_kept_whatever_the_picture() {
        let shown = copy(&encoded(&noise(400, 300), ImageFormat::Png)).unwrap().shown;
        assert!(shown.bytes.len() <= setting::BUDGET, "{} bytes", shown.bytes.len());
        assert_eq!(shown.media_type, "image/jpeg");
    }

    #[test]
    fn what_is_no_picture_for_us_is_left_out_with_the_reason() {
        assert_eq!(copy(&png(99, 640)).unwrap_err(), "99 × 640 pixels");
        assert_eq!(copy(b"<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap_err(), "not a picture");
        assert_eq!(copy(&vec![0; BYTES + 1]).unwrap_err(), "larger than 12 MB");
        let mut cut = png(400, 300);
        cut.truncate(cut.len() / 2);
        assert!(copy(&cut).unwrap_err().starts_with("a broken picture"));
        assert!(copy(b"II*\0\x08\0\0\0").unwrap_err().contains("is not read"));
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_decoded() {
        let mut bomb = png(120, 120);
        bomb[16..24].copy_from_slice(&[0, 0, 0x2e, 0xe0, 0, 0, 0x2e, 0xe0]);
        let error = copy(&bomb).unwrap_err();
        assert!(error == "too large to decode" || error.starts_with("a broken picture"), "{error}");
    }

    #[test]
    fn a_picture_that_may_not_be_copied_is_measured_and_not_kept() {
        let picture = measure(&png(640, 360)).unwrap();
        assert!(picture.shown.bytes.is_empty() && picture.small.is_none());
        assert_eq!((picture.shown.width, picture.shown.height), (640, 360));
        assert!(measure(&encoded(&slope(320, 200), ImageFormat::WebP)).unwrap_err().contains("image/webp"));
    }

    #[test]
    fn a_picture_stands_upright_and_its_metadata_are_gone() {
        let exif = b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x01\x3b\0\x02\0\0\0\x08\0\0\0\x26\0\0\0\0Ada Ray\0".to_vec();
        let mut file = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut file);
        encoder.set_exif_metadata(exif).unwrap();
        let slope = slope(400, 200).to_rgb8();
        encoder.write_image(&slope, 400, 200, image::ExtendedColorType::Rgb8).unwrap();
        let picture = copy(&file).unwrap();
        assert_eq!((picture.shown.width, picture.shown.height), (200, 400));
        assert_eq!(picture.credit.unwrap().as_str(), "Ada Ray");
        assert!(!picture.shown.bytes.windows(7).any(|window| window == b"Ada Ray"));
    }
}
