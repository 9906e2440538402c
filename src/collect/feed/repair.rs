//! JSON that is nearly JSON → JSON: a call around it, commas too many, raw line breaks in texts, an end that never came. Changes nothing that a parser
//! would have read; whether the outcome is a feed is decided by others. One pass, whatever the text.

/// The same document as its writer meant it; `None` when there is no object in it.
pub fn mended(text: &str) -> Option<String> {
    // `callback({…});` is JSON for pages that could not fetch it otherwise.
    let text = &text[text.find(['{', '['])?..];
    let mut pen = Pen::default();
    for c in text.chars() {
        pen.write(c);
        if pen.is_done {
            break;
        }
    }
    Some(pen.ended())
}

#[derive(Default)]
struct Pen {
    out: String,
    /// The brackets that are open.
    open: Vec<char>,
    in_text: bool,
    escaped: bool,
    /// How far all is whole: behind the latest value that ended, and the brackets that were open then.
    whole: Option<(usize, usize)>,
    is_done: bool,
}

impl Pen {
    fn write(&mut self, c: char) {
        if self.in_text {
            return self.write_in_text(c);
        }
        match c {
            '"' => {
                self.in_text = true;
                self.out.push(c);
            }
            '{' | '[' => {
                self.open.push(if c == '{' { '}' } else { ']' });
                self.out.push(c);
            }
            '}' | ']' => self.close(c),
            c => self.out.push(c),
        }
    }

    fn write_in_text(&mut self, c: char) {
        match c {
            // No text may hold them as they are.
            c if c.is_control() => self.out.push(' '),
            c => self.out.push(c),
        }
        if self.escaped {
            self.escaped = false;
        } else if c == '\\' {
            self.escaped = true;
        } else if c == '"' {
            self.in_text = false;
        }
    }

    fn close(&mut self, c: char) {
        // A bracket that closes nothing is left out; one that closes the wrong one closes what is open.
        let Some(expected) = self.open.pop() else { return };
        self.without_comma();
        self.out.push(expected);
        if expected != c && self.open.last() == Some(&c) {
            self.open.pop();
            self.out.push(c);
        }
        self.whole = Some((self.out.len(), self.open.len()));
        self.is_done = self.open.is_empty();
    }

    fn without_comma(&mut self) {
        let kept = self.out.trim_end();
        if let Some(kept) = kept.strip_suffix(',') {
            self.out.truncate(kept.len());
        }
    }

    /// What breaks off is cut behind the last object that is whole, and all that is open is closed.
    fn ended(mut self) -> String {
        if let Some((length, open)) = self.whole.filter(|_| !self.is_done) {
            self.out.truncate(length);
            self.open.truncate(open);
        }
        while let Some(bracket) = self.open.pop() {
            self.without_comma();
            self.out.push(bracket);
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(text: &str) -> Value {
        serde_json::from_str(&mended(text).unwrap_or_default()).unwrap_or(Value::Null)
    }

    #[test]
    fn a_document_that_breaks_off_keeps_what_was_whole() {
        let whole = json!({"title": "T", "items": [{"id": 1, "tags": ["a, b"]}, {"id": 2}]});
        assert_eq!(read(r#"{"title":"T","items":[{"id":1,"tags":["a, b"]},{"id":2},{"id":3,"ti"#), whole);
        assert_eq!(read(r#"{"title":"T","items":[{"id":1,"tags":["a, b"]},{"id":2}"#), whole);
        assert_eq!(read(r#"{"title":"T","items":[{"id":1,"tags":["a, b"]},{"id":2},"#), whole);
    }

    #[test]
    fn calls_and_commas_and_raw_line_breaks_are_passed_over() {
        assert_eq!(read("cb({\"items\":[{\"id\":1,},],});"), json!({"items": [{"id": 1}]}));
        assert_eq!(read("{\"a\":\"x\ny\t\\\"z\"}"), json!({"a": "x y \"z"}));
        assert_eq!(read("{\"a\":[{\"b\":1}}"), json!({"a": [{"b": 1}]}), "a bracket of the other kind");
        assert_eq!(read("{\"a\":1} trailing"), json!({"a": 1}));
        assert_eq!(mended("nothing"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_json_stays_as_it_is(a in "\\PC{0,12}", b in proptest::collection::vec("\\PC{0,8}", 0..4)) {
            let value = json!({"a": a, "items": [{"b": b}]});
            proptest::prop_assert_eq!(read(&value.to_string()), value);
        }

        #[test]
        fn no_text_makes_it_panic(text in "([{}\\[\\],:\"\\\\]|\\PC){0,40}") {
            let _ = mended(&text);
        }
    }
}
