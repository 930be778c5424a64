//! JSON objects looked at one member at a time: no tree is made of them.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object as they are written, in their order; a name may be there twice.
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// # Errors
    ///
    /// When it is not JSON, or no object.
    pub fn of(json: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    /// The text of one member, if it is one.
    pub fn text(&self, name: &str) -> Option<String> {
        let (_, raw) = self.0.iter().find(|(it, _)| it == name)?;
        serde_json::from_str(raw.get()).ok()
    }
}

/// A text as JSON writes it.
pub fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    quote(text, &mut written);
    written
}

/// Writes a text as JSON does.
pub fn quote(text: &str, into: &mut String) {
    // Nearly all of them stand there as they are.
    if text.bytes().all(|it| it >= b' ' && it != b'"' && it != b'\\') {
        into.push('"');
        into.push_str(text);
        into.push('"');
    } else {
        into.push_str(&serde_json::Value::from(text).to_string());
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

/// A name as it is written, where nothing in it has to be understood first.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::{Members, quote};

    #[test]
    fn a_text_is_written_as_the_parser_reads_it() {
        for text in ["", "가전 A/S", "\u{7f}", "a\"b", "a\\b", "a\nb", "\u{0}"] {
            let mut written = String::new();
            quote(text, &mut written);
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text, "{written}");
        }
    }

    #[test]
    fn a_name_with_an_escape_is_understood() {
        let members = Members::of(br#"{"a\u0062":1,"c":"d"}"#).unwrap();
        assert_eq!(members.0[0].0, "ab");
        assert_eq!(members.text("c").as_deref(), Some("d"));
    }
}
