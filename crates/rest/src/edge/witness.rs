//! Reads along with the parser, to see in the bytes what the parser hides from the service.
//!
//! The parser drops a `Content-Length` that stands beside a `Transfer-Encoding`, joins lengths
//! that are repeated, and takes a bare line feed for a line end; none of it can be seen in the
//! request it hands over. It answers other broken heads itself, with an empty 400 or 431.

use super::flaw::Flaw;

/// What ends the first line of the HTTP/2 preface, and how much of the preface follows it.
const PREFACE_LINE: &[u8] = b"PRI * HTTP/2.0";
const PREFACE_REST: u64 = 8;

/// Follows the messages of one connection without keeping or changing a byte of them.
#[derive(Debug)]
pub(super) struct Witness {
    at: At,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    line_bytes_max: usize,
    length: Option<u64>,
    chunked: bool,
    flaw: Option<Flaw>,
    heads: u64,
    /// The number of the first head that must be refused, and why.
    refused: Option<(u64, Flaw)>,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    RequestLine,
    Fields,
    Body(u64),
    ChunkSize,
    /// The data of a chunk and its line end.
    Chunk(u64),
    Trailers,
    Preface(u64),
    /// HTTP/2, where frames have one length only.
    Frames,
    /// Beyond understanding.
    Lost,
}

impl Witness {
    pub(super) fn new(line_bytes_max: usize) -> Self {
        Self {
            at: At::RequestLine,
            line: Vec::new(),
            line_bytes_max,
            length: None,
            chunked: false,
            flaw: None,
            heads: 0,
            refused: None,
        }
    }

    pub(super) fn sees_frames(&self) -> bool {
        self.at == At::Frames
    }

    /// What is wrong with the request that is the `number`th of its connection, from 1.
    pub(super) fn flaw_of(&self, number: u64) -> Option<Flaw> {
        match self.refused {
            Some((first, flaw)) if number >= first => Some(flaw),
            // The parser sees a request where we see none: one of us is being deceived.
            _ => (number > self.heads).then_some(Flaw::Misframed),
        }
    }

    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.at {
                At::Frames | At::Lost => return,
                At::Body(left) => self.skip(bytes, left, At::Body, At::RequestLine),
                At::Chunk(left) => self.skip(bytes, left, At::Chunk, At::ChunkSize),
                At::Preface(left) => self.skip(bytes, left, At::Preface, At::Frames),
                At::RequestLine | At::Fields | At::ChunkSize | At::Trailers => self.gather(bytes),
            };
        }
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, same: fn(u64) -> At, next: At) -> &'a [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - here as u64;
        self.at = if left == 0 { next } else { same(left) };
        &bytes[here..]
    }

    fn gather<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            self.line.extend_from_slice(bytes);
            if self.line.len() > self.line_bytes_max {
                self.lose();
            }
            return &[];
        };
        let (line, rest) = bytes.split_at(end + 1);
        if self.line.is_empty() {
            self.line_ended(line);
        } else {
            let mut whole = std::mem::take(&mut self.line);
            whole.extend_from_slice(line);
            self.line_ended(&whole);
        }
        rest
    }

    fn line_ended(&mut self, line: &[u8]) {
        let (text, bare) = match line {
            [text @ .., b'\r', b'\n'] => (text, false),
            _ => (line.strip_suffix(b"\n").unwrap_or(line), true),
        };
        if bare {
            self.object(Flaw::BareLineEnd);
        }
        match self.at {
            At::RequestLine if text.is_empty() => {}
            At::RequestLine if text == PREFACE_LINE => self.at = At::Preface(PREFACE_REST),
            At::RequestLine => self.at = At::Fields,
            At::Fields if text.is_empty() => self.head_ended(),
            At::Fields => self.field(text),
            At::ChunkSize => self.chunk(text),
            At::Trailers if text.is_empty() => self.at = At::RequestLine,
            _ => {}
        }
    }

    fn field(&mut self, text: &[u8]) {
        let colon = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
        let (name, value) = (&text[..colon], text.get(colon + 1..).unwrap_or_default());
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = number(value, 10);
            if length.is_none() || self.length.is_some() || self.chunked {
                self.object(Flaw::TwoLengths);
            }
            self.length = length;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let known = value.eq_ignore_ascii_case(b"chunked");
            if !known || self.length.is_some() || self.chunked {
                self.object(Flaw::TwoLengths);
            }
            self.chunked = true;
        }
    }

    fn head_ended(&mut self) {
        self.heads += 1;
        if let (Some(flaw), None) = (self.flaw.take(), self.refused) {
            self.refused = Some((self.heads, flaw));
        }
        self.at = match (self.chunked, self.length.take()) {
            (true, _) => At::ChunkSize,
            (false, Some(left @ 1..)) => At::Body(left),
            (false, _) => At::RequestLine,
        };
        self.chunked = false;
    }

    fn chunk(&mut self, text: &[u8]) {
        let digits = text.split(|byte| *byte == b';').next().unwrap_or_default();
        match number(digits.trim_ascii(), 16) {
            Some(0) => self.at = At::Trailers,
            Some(size) => self.at = At::Chunk(size.saturating_add(2)),
            None => self.lose(),
        }
    }

    /// Notes the first thing that is wrong with the head that ends next.
    fn object(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }

    fn lose(&mut self) {
        self.at = At::Lost;
        self.refused.get_or_insert((self.heads + 1, Flaw::Misframed));
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, radix).ok().filter(|_| plain)
}
