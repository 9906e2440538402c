//! Bodies as they come over the wire → their bytes (RFC 9110, section 8.4). A body is bounded twice: packed, while it arrives, and unpacked, while
//! it grows. Must not trust what a server says of its bytes: some name a coding that they did not use.

use super::FetchError;
use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// What can be unpacked, as `Accept-Encoding` says it.
pub const ACCEPTED: &str = "gzip, deflate, br";
/// More codings than this, one upon the other, are an attack.
const CODINGS: usize = 3;

/// Undoes the codings that a `Content-Encoding` names, the last first, to at most `limit` bytes after each.
pub fn unpack(mut bytes: Vec<u8>, codings: &str, limit: usize) -> Result<Vec<u8>, FetchError> {
    let named = codings.split(',').map(|name| name.trim().to_ascii_lowercase());
    let named: Vec<String> = named.filter(|name| !name.is_empty() && name != "identity").collect();
    if named.len() > CODINGS {
        return Err(FetchError::Packed(format!("it is packed {} times", named.len())));
    }
    for name in named.iter().rev() {
        bytes = match name.as_str() {
            "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => gunzip(&bytes, limit)?,
            // Without the mark of gzip it is none, whatever the header says: it was unpacked on the way, or never packed.
            "gzip" | "x-gzip" => bytes,
            // The name means zlib's wrapping; bare streams go by it too.
            "deflate" if is_zlib(&bytes) => all_of(ZlibDecoder::new(&*bytes), limit)?,
            "deflate" => all_of(DeflateDecoder::new(&*bytes), limit)?,
            "br" => all_of(Decompressor::new(&*bytes, 4096), limit)?,
            other => return Err(FetchError::Packed(format!("the coding {other:?} is not known"))),
        };
    }
    Ok(bytes)
}

/// Unpacks a gzip file, to at most `limit` bytes.
pub fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, FetchError> {
    all_of(MultiGzDecoder::new(bytes), limit)
}

/// The header of RFC 1950, section 2.2.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

/// What a decoder gives. One that breaks off gives what it had, as in browsers: half a feed is better than none.
fn all_of(decoder: impl Read, limit: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut bytes);
    if bytes.len() > limit {
        return Err(FetchError::TooLarge(limit));
    }
    match read {
        Err(error) if bytes.is_empty() => Err(FetchError::Packed(error.to_string())),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn text(bytes: Vec<u8>, codings: &str) -> Result<String, FetchError> {
        unpack(bytes, codings, 1_000).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_coding_that_is_asked_for_is_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"hello").unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(b"hello").unwrap();
        assert_eq!(text(gzip(b"hello"), "GZIP").as_deref(), Ok("hello"));
        assert_eq!(text(gzip(&gzip(b"hello")), "gzip, x-gzip").as_deref(), Ok("hello"));
        assert_eq!(text(zlib.finish().unwrap(), "deflate").as_deref(), Ok("hello"));
        assert_eq!(text(bare.finish().unwrap(), "deflate").as_deref(), Ok("hello"));
        assert_eq!(text(b"\x0b\x02\x80hello\x03".to_vec(), "br").as_deref(), Ok("hello"));
        assert_eq!(text(b"hello".to_vec(), "identity").as_deref(), Ok("hello"));
    }

    #[test]
    fn a_body_that_is_not_packed_as_said_is_taken_as_it_is() {
        assert_eq!(text(b"<rss/>".to_vec(), "gzip").as_deref(), Ok("<rss/>"));
        assert!(matches!(text(b"hello".to_vec(), "zstd"), Err(FetchError::Packed(_))));
        assert!(matches!(text(b"\x1f\x8b nonsense".to_vec(), "gzip"), Err(FetchError::Packed(_))));
    }

    #[test]
    fn a_packed_body_that_breaks_off_gives_what_it_had() {
        let line = (0..200_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string()).collect::<String>();
        let packed = gzip(&line.as_bytes()[..900]);
        let half = text(packed[..packed.len() * 2 / 3].to_vec(), "gzip").unwrap();
        assert!(half.len() > 100 && line.starts_with(&half), "{half}");
        let extra = [packed.as_slice(), b"junk"].concat();
        assert_eq!(text(extra, "gzip").as_deref(), Ok(&line[..900]), "what stands behind it is left out");
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit_however_often_it_is_packed() {
        let bomb = gzip(&vec![0; 8 << 20]);
        assert!(bomb.len() < 10_000);
        assert_eq!(unpack(bomb.clone(), "gzip", 1 << 20), Err(FetchError::TooLarge(1 << 20)));
        assert_eq!(unpack(gzip(&bomb), "gzip, gzip", 1 << 20), Err(FetchError::TooLarge(1 << 20)));
        assert!(matches!(unpack(bomb, "gzip, gzip, gzip, gzip", 1 << 20), Err(FetchError::Packed(_))));
    }
}
