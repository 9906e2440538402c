//! Pictures of stories, fetched while collecting, so that composing an issue does no I/O.
//!
//! PNG and JPEG only, of a size that a mail can carry, probed and never decoded.

use crate::store::pictures::FetchedPicture;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The most bytes of a picture.
pub const BYTES: usize = 500 << 10;
/// The most pictures that are fetched in one run.
pub const PER_RUN: usize = 40;
/// Pictures smaller than this in either direction are decoration.
const SMALLEST: usize = 100;
/// Pictures larger than this in either direction make mail programs suffer.
const LARGEST: usize = 8_000;

/// Takes a file for a picture, or says why not.
pub fn probe(bytes: Vec<u8>) -> Result<FetchedPicture, String> {
    if bytes.len() > BYTES {
        return Err(format!("larger than {} KB", BYTES >> 10));
    }
    let media_type = match imagesize::image_type(&bytes) {
        Ok(imagesize::ImageType::Png) => "image/png",
        Ok(imagesize::ImageType::Jpeg) => "image/jpeg",
        Ok(_) => return Err("neither PNG nor JPEG".to_owned()),
        Err(_) => return Err("not a picture".to_owned()),
    };
    let size = imagesize::blob_size(&bytes).map_err(|_| "a broken picture".to_owned())?;
    if size.width < SMALLEST || size.height < SMALLEST || size.width > LARGEST || size.height > LARGEST {
        return Err(format!("{} × {} pixels", size.width, size.height));
    }
    let sha256 = Sha256::digest(&bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok(FetchedPicture { sha256, media_type, width: size.width as u32, height: size.height as u32, bytes })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The beginning of a PNG file, which is all that a probe looks at.
    pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend(b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND");
        bytes
    }

    #[test]
    fn pictures_are_probed_and_tiny_ones_dropped() {
        let picture = probe(png(640, 480)).unwrap();
        assert_eq!(
            (picture.media_type, picture.width, picture.height, picture.sha256.len()),
            ("image/png", 640, 480, 64)
        );
        assert_eq!(probe(png(1, 1)).unwrap_err(), "1 × 1 pixels");
        assert_eq!(probe(b"GIF89a\x01\0\x01\0\0\0\0\0\0\0\0\0".to_vec()).unwrap_err(), "neither PNG nor JPEG");
        assert_eq!(probe(b"<svg/>".to_vec()).unwrap_err(), "not a picture");
        assert_eq!(probe(vec![0; BYTES + 1]).unwrap_err(), "larger than 500 KB");
    }
}
