//! A CSV file as people have them: its encoding and delimiter found out, its rows one at a time, its lines numbered. Understands no column.

use super::ImportError;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// The most bytes of text without an end of a row. Beyond it a quotation mark was opened and never closed.
const RUNAWAY: usize = 1 << 20;

/// The most bytes of a row that is taken.
const ROW_LIMIT: usize = 64 << 10;

/// An open file, after its header.
pub(super) struct CsvFile {
    reader: csv::Reader<Decoding>,
    since_row: Rc<Cell<usize>>,
    path: String,
    record: csv::StringRecord,
    /// The header's cells, trimmed.
    pub(super) header: Vec<String>,
    /// How its bytes are read.
    pub(super) encoding: &'static str,
    /// What separates its cells.
    pub(super) delimiter: char,
    /// SHA-256 of its bytes.
    pub(super) hash: [u8; 32],
}

/// One row with the line where it begins.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    pub(super) cells: Result<&'a csv::StringRecord, String>,
}

impl CsvFile {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let failed = |error| ImportError::File { path: name.clone(), error };
        let (encoding, hash) = examine(path).map_err(failed)?;
        let delimiter = delimiter_of(Decoding::open(path, encoding, Rc::default()).map_err(failed)?).map_err(failed)?;
        let since_row = Rc::new(Cell::new(0));
        let decoding = Decoding::open(path, encoding, Rc::clone(&since_row)).map_err(failed)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(8 << 10)
            .from_reader(decoding);
        let mut header = csv::StringRecord::new();
        let found = reader.read_record(&mut header).map_err(|error| unreadable(&name, 1, &error))?;
        since_row.set(0);
        if !found || header.iter().all(|cell| cell.trim().is_empty()) {
            return Err(ImportError::Empty(name));
        }
        Ok(Self {
            reader,
            since_row,
            path: name,
            record: csv::StringRecord::new(),
            header: header.iter().map(|cell| cell.trim().to_owned()).collect(),
            encoding: encoding.name(),
            delimiter: char::from(delimiter),
            hash,
        })
    }

    /// The next row that has anything in it.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, ImportError> {
        loop {
            let line = self.reader.position().line();
            let found =
                self.reader.read_record(&mut self.record).map_err(|error| unreadable(&self.path, line, &error))?;
            self.since_row.set(0);
            if !found {
                return Ok(None);
            }
            if self.record.iter().any(|cell| !cell.trim().is_empty()) {
                break;
            }
        }
        // The reader stands behind the row's last line; the row began as many lines before as its cells have.
        let inside = self.record.as_slice().matches('\n').count() as u64;
        let line = self.reader.position().line().saturating_sub(1 + inside);
        let surplus = self.record.iter().skip(self.header.len()).any(|cell| !cell.trim().is_empty());
        let cells = if self.record.as_slice().len() > ROW_LIMIT {
            Err(format!("the row is {} bytes long", self.record.as_slice().len()))
        } else if surplus {
            let (cells, columns) = (self.record.len(), self.header.len());
            Err(format!("the row has {cells} cells, the header {columns}: a {:?} without quotes?", self.delimiter))
        } else {
            Ok(&self.record)
        };
        Ok(Some(Row { line, cells }))
    }
}

fn unreadable(path: &str, line: u64, error: &csv::Error) -> ImportError {
    ImportError::Unreadable { path: path.to_owned(), line, reason: error.to_string() }
}

/// Finds the encoding and hashes the bytes: by the mark at the beginning, else UTF-8 if all of it is, else Windows-1252.
fn examine(path: &Path) -> std::io::Result<(&'static encoding_rs::Encoding, [u8; 32])> {
    let mut reader = BufReader::with_capacity(64 << 10, File::open(path)?);
    let mut hash = Sha256::new();
    let mut marked = None;
    let mut first = true;
    let mut utf8 = Utf8Check::default();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        if first {
            marked = encoding_rs::Encoding::for_bom(piece).map(|(encoding, _)| encoding);
            first = false;
        }
        hash.update(piece);
        utf8.take(piece);
        let taken = piece.len();
        reader.consume(taken);
    }
    let guessed = if utf8.is_sound() { encoding_rs::UTF_8 } else { encoding_rs::WINDOWS_1252 };
    Ok((marked.unwrap_or(guessed), hash.finalize().into()))
}

/// Whether bytes that come in pieces are UTF-8.
#[derive(Default)]
struct Utf8Check {
    rest: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    fn take(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        match std::str::from_utf8(&bytes) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() => self.rest = bytes[error.valid_up_to()..].to_vec(),
            Err(_) => self.broken = true,
        }
    }

    fn is_sound(&self) -> bool {
        !self.broken && self.rest.is_empty()
    }
}

/// What stands most often in the first line, outside quotation marks.
fn delimiter_of(text: Decoding) -> std::io::Result<u8> {
    let mut line = Vec::new();
    BufReader::new(text).take(ROW_LIMIT as u64).read_until(b'\n', &mut line)?;
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in line {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte && !quoted) {
            *count += 1;
        }
    }
    // On a tie the first: a file of one column has no delimiter at all.
    Ok(counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter))
}

/// A file's bytes as UTF-8 with `\n` after each line, whatever they were; stops a row that never ends.
struct Decoding {
    file: File,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    at_end: bool,
    decoded: bool,
    last: u8,
    since_row: Rc<Cell<usize>>,
}

impl Decoding {
    fn open(
        path: &Path,
        encoding: &'static encoding_rs::Encoding,
        since_row: Rc<Cell<usize>>,
    ) -> std::io::Result<Self> {
        let decoder = encoding.new_decoder_with_bom_removal();
        let file = File::open(path)?;
        Ok(Self {
            file,
            decoder,
            raw: vec![0; 8 << 10],
            raw_at: 0,
            raw_end: 0,
            at_end: false,
            decoded: false,
            last: b'\n',
            since_row,
        })
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.since_row.get() > RUNAWAY {
            return Err(std::io::Error::other(
                "the row does not end within a megabyte: a quotation mark is not closed",
            ));
        }
        while !self.decoded {
            if self.raw_at == self.raw_end && !self.at_end {
                self.raw_end = self.file.read(&mut self.raw)?;
                self.raw_at = 0;
                self.at_end = self.raw_end == 0;
            }
            let raw = &self.raw[self.raw_at..self.raw_end];
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, out, self.at_end);
            self.raw_at += read;
            self.decoded = self.at_end && result == encoding_rs::CoderResult::InputEmpty;
            let kept = self.unify_line_ends(&mut out[..written]);
            if kept > 0 {
                self.since_row.set(self.since_row.get() + kept);
                return Ok(kept);
            }
        }
        Ok(self.end_last_line(out))
    }
}

impl Decoding {
    /// Makes `\n` of `\r\n` and of a lone `\r`, in place.
    fn unify_line_ends(&mut self, text: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..text.len() {
            let byte = text[at];
            if !(byte == b'\n' && self.last == b'\r') {
                text[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
            self.last = byte;
        }
        kept
    }

    fn end_last_line(&mut self, out: &mut [u8]) -> usize {
        match out.first_mut() {
            Some(first) if !matches!(self.last, b'\n' | b'\r') => {
                (*first, self.last) = (b'\n', b'\n');
                1
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(bytes: &[u8]) -> (tempfile::TempDir, Result<CsvFile, ImportError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, bytes).unwrap();
        let file = CsvFile::open(&path);
        (folder, file)
    }

    fn rows(bytes: &[u8]) -> Vec<(u64, Result<Vec<String>, String>)> {
        let (_folder, file) = opened(bytes);
        let mut file = file.unwrap();
        let mut rows = Vec::new();
        while let Some(row) = file.next().unwrap() {
            rows.push((row.line, row.cells.map(|cells| cells.iter().map(str::to_owned).collect())));
        }
        rows
    }

    #[test]
    fn encodings_are_found_out() {
        let utf16: Vec<u8> =
            "\u{FEFF}email;name\nzoe@example.org;Zoë\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases: [(&[u8], &str); 4] = [
            ("email;name\nzoe@example.org;Zoë\n".as_bytes(), "UTF-8"),
            ("\u{FEFF}email;name\nzoe@example.org;Zoë\n".as_bytes(), "UTF-8"),
            (&utf16, "UTF-16LE"),
            (b"email;name\nzoe@example.org;Zo\xEB\n", "windows-1252"),
        ];
        for (bytes, encoding) in cases {
            let (_folder, file) = opened(bytes);
            let file = file.unwrap();
            assert_eq!((file.encoding, file.delimiter), (encoding, ';'));
            assert_eq!(file.header, ["email", "name"]);
            assert_eq!(rows(bytes)[0].1.as_ref().unwrap()[1], "Zoë", "{encoding}");
        }
    }

    #[test]
    fn delimiters_inside_quotation_marks_do_not_count() {
        let (_folder, file) = opened(b"\"a,b,c,d\"\temail\n");
        assert_eq!(file.unwrap().delimiter, '\t');
        let (_folder, file) = opened(b"email\njo@example.org\n");
        assert_eq!(file.unwrap().delimiter, ',');
    }

    #[test]
    fn rows_keep_their_line_numbers_over_quoted_line_ends_and_blank_lines() {
        let text = "email,wording\na@example.org,\"two\nlines\"\n\n,\nb@example.org,x\nc@example.org,y";
        for end in ["\n", "\r\n", "\r"] {
            let rows = rows(text.replace('\n', end).as_bytes());
            assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 6, 7], "{end:?}");
        }
    }

    #[test]
    fn a_row_too_long_or_too_wide_is_named_and_the_rest_read() {
        let long = format!("email,name\na@example.org,{}\nb@example.org,x\nc@example.org,x,y\n", "x".repeat(70_000));
        let rows = rows(long.as_bytes());
        assert!(rows[0].1.as_ref().unwrap_err().contains("bytes long"));
        assert!(rows[1].1.is_ok());
        assert!(rows[2].1.as_ref().unwrap_err().contains("3 cells, the header 2"));
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_does_not_fill_the_memory() {
        let runaway = format!("email,name\na@example.org,\"{}", "x\n".repeat(4 << 20));
        let (_folder, file) = opened(runaway.as_bytes());
        let error = file.unwrap().next().err().unwrap();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn an_empty_file_says_so() {
        for bytes in [&b""[..], b"\n\n", b"\xEF\xBB\xBF"] {
            let (_folder, file) = opened(bytes);
            assert!(matches!(file, Err(ImportError::Empty(_))));
        }
    }
}
