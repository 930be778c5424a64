//! Requests made before the clock starts: only a number changes from one to the next.

/// How many digits a number has in a request.
const DIGITS: usize = 12;

/// A request with places for a number.
#[derive(Debug, Clone)]
pub struct Template {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    /// A `GET`; `{n}` stands for the number.
    pub fn get(path: &str) -> Self {
        Self::of(&format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n"))
    }

    /// A `GET` with more headers, each with its line end.
    pub fn get_with(path: &str, headers: &str) -> Self {
        Self::of(&format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n"))
    }

    /// A command with a body and an idempotency key of its own for every number.
    pub fn command(method: &str, path: &str, body: &str) -> Self {
        let length = body.replace("{n}", &"0".repeat(DIGITS)).len();
        Self::of(&format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {method}-{{n}}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// A command without a key that changes nothing when it comes twice.
    pub fn plain(method: &str, path: &str) -> Self {
        Self::of(&format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"))
    }

    /// The same, from somebody who does not wait for the case to settle.
    pub fn answered_at_once(method: &str, path: &str) -> Self {
        Self::of(&format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nPrefer: wait=0\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    /// A body without a key.
    pub fn body(method: &str, path: &str, body: &str) -> Self {
        let length = body.len();
        Self::of(&format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// The command that everything here is measured by: a customer asks for a repair.
    pub fn request() -> Self {
        Self::command("POST", "/repair/requests", REQUEST)
    }

    fn of(text: &str) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for (index, part) in text.split("{n}").enumerate() {
            if index > 0 {
                places.push(bytes.len());
                bytes.extend([b'0'; DIGITS]);
            }
            bytes.extend_from_slice(part.as_bytes());
        }
        Self { bytes, places }
    }

    /// The request with this number.
    pub fn with(&mut self, mut number: u64) -> &[u8] {
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        for place in &self.places {
            self.bytes[*place..place + DIGITS].copy_from_slice(&digits);
        }
        &self.bytes
    }
}

/// Somebody who does not exist asks for a repair.
pub const REQUEST: &str = r#"{"symptom":"화면이 안 나와요","productId":"1","customerName":"고객 {n}","phoneNumber":"010-0000-0001"}"#;

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn a_number_stands_in_all_its_places() {
        let mut template = Template::command("PUT", "/things/{n}/do", r#"{"n":"{n}"}"#);
        let text = String::from_utf8(template.with(1234).to_vec()).unwrap();
        assert!(text.starts_with("PUT /things/000000001234/do HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("Idempotency-Key: PUT-000000001234\r\nContent-Length: 20\r\n"));
        assert!(text.ends_with("\r\n\r\n{\"n\":\"000000001234\"}"), "{text}");
    }
}
