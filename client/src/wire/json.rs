//! A reader for the wire's JSON, and a writer for its strings.
//!
//! Small on purpose: it goes to every browser. Errors carry no text, there is no floating point (a number that is
//! not a `u64` is known only to be one), objects are lists of pairs, and depth is bounded. What it takes is JSON
//! (RFC 8259), save that numbers are not checked to the letter.

use std::borrow::Cow;

use crate::limits::JSON_DEPTH_MAX;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`, `true` or `false`: whether it is `true`. Nothing on our wire tells the other two apart.
    Literal(bool),
    /// A number; `None` when it is not a whole number from 0 to 2⁶⁴ − 1.
    Number(Option<u64>),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object, its fields in the order they came in.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Reads one value with nothing after it but white space; `None` when the text is not that.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(JSON_DEPTH_MAX)?;
        reader.peek().is_none().then_some(value)
    }

    /// The field of this name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of the field of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether the field of this name is `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Self::Literal(true)))
    }

    /// The list in the field of this name; an empty one where there is none.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Self] {
        match self.get(name) {
            Some(Self::List(list)) => list,
            _ => &[],
        }
    }

    /// The number in the field of this name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Some(Self::Number(number)) => *number,
            _ => None,
        }
    }
}

/// The items of the list in the field `name` of the object that `text` is, each as it stands in the text; `None` when
/// there is no such list.
#[must_use]
pub fn items_of<'a>(text: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let mut reader = Reader { text, at: 0 };
    let mut found = None;
    reader.peek().filter(|byte| *byte == b'{')?;
    reader.items(b'}', |reader| {
        reader.peek().filter(|byte| *byte == b'"')?;
        let is_it = reader.string()? == name;
        reader.take(b':')?;
        if is_it && reader.peek()? == b'[' {
            let mut list = Vec::new();
            reader.items(b']', |reader| {
                reader.peek();
                let from = reader.at;
                reader.value(JSON_DEPTH_MAX)?;
                list.push(text.get(from..reader.at)?);
                Some(())
            })?;
            found = Some(list);
            return Some(());
        }
        reader.value(JSON_DEPTH_MAX).map(|_| ())
    })?;
    found
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn value(&mut self, depth: u32) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Value::Text),
            b'{' => {
                let mut fields = Vec::new();
                self.items(b'}', |reader| {
                    reader.peek().filter(|byte| *byte == b'"')?;
                    let name = reader.string()?;
                    reader.take(b':')?;
                    fields.push((name, reader.value(depth.checked_sub(1)?)?));
                    Some(())
                })?;
                Some(Value::Object(fields))
            }
            b'[' => {
                let mut list = Vec::new();
                self.items(b']', |reader| {
                    list.push(reader.value(depth.checked_sub(1)?)?);
                    Some(())
                })?;
                Some(Value::List(list))
            }
            b'-' | b'0'..=b'9' => Some(Value::Number(self.literal().parse().ok())),
            _ => match self.literal() {
                "true" => Some(Value::Literal(true)),
                "null" | "false" => Some(Value::Literal(false)),
                _ => None,
            },
        }
    }

    /// What stands between the bracket under the cursor and `end`, with commas between.
    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.peek()? == end {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(b',').is_none() {
                return self.take(end);
            }
        }
    }

    /// A number or a literal: everything up to what cannot be in one.
    fn literal(&mut self) -> &'a str {
        let from = self.at;
        while matches!(
            self.byte(),
            Some(b'a'..=b'z' | b'E' | b'0'..=b'9' | b'+' | b'-' | b'.')
        ) {
            self.at += 1;
        }
        self.since(from)
    }

    fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.at += 1;
        let mut from = self.at;
        let mut text = Cow::Borrowed("");
        loop {
            match self.byte()? {
                b'"' => {
                    text += self.since(from);
                    self.at += 1;
                    return Some(text);
                }
                b'\\' => {
                    text += self.since(from);
                    self.at += 1;
                    text.to_mut().push(self.escape()?);
                    from = self.at;
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    /// What follows a backslash. A surrogate needs its other half (RFC 8259, section 7).
    fn escape(&mut self) -> Option<char> {
        let byte = self.byte()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = self.hex()?;
                if (0xd800..0xdc00).contains(&unit)
                    && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u")
                {
                    self.at += 2;
                    let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    unit = 0x1_0000 + ((unit - 0xd800) << 10) + low;
                }
                char::from_u32(unit)?
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits
            .chars()
            .try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?))
    }
}

/// Appends `text` to `json` as a JSON string, quotes included.
pub fn write_string(json: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                json.push('\\');
                json.push(c);
            }
            '\n' => json.push_str("\\n"),
            '\0'..='\x1f' => {
                let code = c as usize;
                json.push_str("\\u00");
                json.push(char::from(HEX[code >> 4]));
                json.push(char::from(HEX[code & 15]));
            }
            _ => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn a_frame_is_read_field_by_field() {
        let value = Value::read(
            " {\"type\":\"x\" , \"seq\":18446744073709551615,\"a\":[1,-2.5e3,null,{}],\"b\":{\"c\":true}} \n",
        )
        .unwrap();
        assert_eq!(value.text("type"), Some("x"));
        assert_eq!(value.number("seq"), Some(u64::MAX));
        assert_eq!(
            value.get("a"),
            Some(&Value::List(vec![
                Value::Number(Some(1)),
                Value::Number(None),
                Value::Literal(false),
                Value::Object(vec![])
            ]))
        );
        assert_eq!(value.list("a").len(), 4);
        assert_eq!(value.get("b").map(|b| b.flag("c")), Some(true));
        assert_eq!(
            (value.text("seq"), value.number("type"), value.get("no")),
            (None, None, None)
        );
        assert_eq!((value.flag("a"), value.list("b")), (false, &[][..]));
    }

    #[test]
    fn escapes_and_surrogates_are_read_as_they_were_meant() {
        for json in [
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\uc548\uB155 \ud83d\ude00 e\u0301""#,
            r#""\u0000""#,
            "\"안녕 😀\"",
        ] {
            let expected: String = serde_json::from_str(json).unwrap();
            assert_eq!(
                Value::read(json),
                Some(Value::Text(Cow::Owned(expected))),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_refused_and_nothing_panics() {
        for json in [
            "",
            " ",
            "{",
            "[",
            "\"",
            "\"\\",
            "\"\\u",
            "\"\\u12",
            "\"\\u12가\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\u0041\"",
            "\"\\ude00\"",
            "\"\\x\"",
            "\"\n\"",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{,}",
            "[1,]",
            "[1 2]",
            "1 1",
            "nul",
            "True",
            "{\"a\":1}}",
            "가",
        ] {
            assert_eq!(Value::read(json), None, "{json}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Value::read(&nested(JSON_DEPTH_MAX as usize)).is_some());
        assert!(Value::read(&nested(JSON_DEPTH_MAX as usize + 1)).is_none());
        assert!(Value::read(&"[".repeat(1_000_000)).is_none());
    }

    #[test]
    fn random_strings_go_through_both_ways_as_serde_json_has_them() {
        let mut random = Random::new(7);
        for _ in 0..2_000 {
            let text = random.text(40);
            let theirs = serde_json::to_string(&text).unwrap();
            assert_eq!(Value::read(&theirs), Some(Value::Text(Cow::Borrowed(&text))));
            let mut ours = String::new();
            write_string(&mut ours, &text);
            assert_eq!(serde_json::from_str::<String>(&ours).unwrap(), text);
        }
    }

    #[test]
    fn damaged_json_never_panics() {
        let mut random = Random::new(11);
        let whole = r#"{"type":"message","seq":12,"message":"안녕 \ud83d\ude00\n","list":[{"a":null},-1.5]}"#;
        for _ in 0..20_000 {
            let mut bytes = whole.as_bytes().to_vec();
            for _ in 0..=random.below(3) {
                let at = random.index(bytes.len());
                bytes[at] = b"{}[]\":,\\u0d8 "[random.index(13)];
            }
            bytes.truncate(random.index(bytes.len()) + 1);
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let _ = Value::read(text);
            }
        }
    }
}
