//! Heads of requests and answers: what nobody may say for themselves is taken out, and what we
//! know is put in.

use hyper::{
    HeaderMap, Method,
    header::{self, HeaderName, HeaderValue},
};

/// What is true of one connection only, and what frames a message: each side makes its own.
const OF_THE_WAY: [HeaderName; 13] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What only we, or those behind us, may say of a caller.
const OURS: [&str; 6] =
    ["x-forwarded-", "x-user-", "x-original-", "x-rewrite-", "x-real-ip", "madang-"];

/// Which request this is, for logs on both sides.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The W3C trace context.
pub const TRACE: HeaderName = HeaderName::from_static("traceparent");
/// How long the caller still waits, in milliseconds.
pub const LEFT: HeaderName = HeaderName::from_static(rest::TIME_LEFT);
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The longest name of a request that we take over, in bytes.
const REQUEST_ID_MAX: usize = 100;

/// What we say of a request to those behind us.
pub struct Known {
    /// Who has sent it.
    pub peer: std::net::IpAddr,
    /// Where they think it goes.
    pub host: Option<HeaderValue>,
}

/// Cleans the head of a request, and says what we know of it.
pub fn inward(headers: &mut HeaderMap, known: Known) {
    without_the_way(headers, true);
    if let Ok(peer) = HeaderValue::from_str(&known.peer.to_canonical().to_string()) {
        headers.insert(FORWARDED_FOR, peer);
    }
    if let Some(host) = known.host {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
}

/// Cleans the head of an answer.
pub fn outward(headers: &mut HeaderMap) {
    let length = headers.remove(header::CONTENT_LENGTH);
    without_the_way(headers, false);
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length);
    }
}

fn without_the_way(headers: &mut HeaderMap, also_ours: bool) {
    let mut names: Vec<_> = listed(headers).collect();
    let foreign = |name: &&HeaderName| {
        let text = name.as_str();
        OF_THE_WAY.contains(name)
            || also_ours
                && (**name == header::FORWARDED || OURS.iter().any(|it| text.starts_with(it)))
    };
    names.extend(headers.keys().filter(foreign).cloned());
    for name in names {
        headers.remove(name);
    }
}

/// What `Connection` says is of this connection only.
fn listed(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> + use<> {
    let lists = headers.get_all(header::CONNECTION).iter().filter_map(|it| it.to_str().ok());
    let names = lists.flat_map(|it| it.split(','));
    names.filter_map(|it| it.trim().parse().ok()).collect::<Vec<_>>().into_iter()
}

/// The name of a request: its own, if it has one that can stand in a log, or a new one.
pub fn request_id(headers: &mut HeaderMap, bits: impl FnOnce() -> u128) -> HeaderValue {
    let fits = |it: &HeaderValue| {
        let plain = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
        (1..=REQUEST_ID_MAX).contains(&it.len()) && it.as_bytes().iter().all(plain)
    };
    let own = headers.get(&REQUEST_ID).filter(|it| fits(it)).cloned();
    let id = own.unwrap_or_else(|| hexadecimal(&format!("{:032x}", bits())));
    headers.insert(REQUEST_ID, id.clone());
    id
}

/// A trace that has begun goes on; where there is none, or none that can be read, one begins.
pub fn trace(headers: &mut HeaderMap, bits: impl Fn() -> u128) {
    let mut known = headers.get_all(&TRACE).iter();
    let is_known = known.next().is_some_and(is_trace) && known.next().is_none();
    if !is_known {
        headers.remove("tracestate");
        let (of, span) = (bits() | 1, u64::try_from(bits() >> 64).unwrap_or(0) | 1);
        headers.insert(TRACE, hexadecimal(&format!("00-{of:032x}-{span:016x}-01")));
    }
}

fn is_trace(value: &HeaderValue) -> bool {
    let parts: Vec<_> = value.as_bytes().split(|it| *it == b'-').collect();
    let lengths = parts.iter().map(|it| it.len()).eq([2, 32, 16, 2]);
    let is_hex = |part: &&[u8]| part.iter().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let says = |part: &[u8]| part.iter().any(|it| *it != b'0');
    lengths && parts.iter().all(is_hex) && parts[0] != b"ff" && says(parts[1]) && says(parts[2])
}

fn hexadecimal(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

/// Whether doing it twice is as good as once.
pub fn may_be_repeated(method: &Method, headers: &HeaderMap) -> bool {
    // A command without a key is not among them, whatever its method: the second time, the
    // business may well say no to what the first has done.
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || headers.contains_key("idempotency-key")
}

/// How many seconds a caller prefers to wait (`Prefer: wait=5`).
pub fn wait(headers: &HeaderMap) -> u64 {
    let wanted = headers.get("prefer").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let wait = wanted.split(',').find_map(|it| it.trim().strip_prefix("wait="));
    wait.and_then(|it| it.parse().ok()).unwrap_or(0).min(rest::WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_the_way_or_claimed_goes_no_further() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Mine"),
            ("connection", "accept"),
            ("x-mine", "1"),
            ("accept", "*/*"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("content-length", "3"),
            ("upgrade", "h2c"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-user", "root"),
            ("x-user-id", "root"),
            ("x-real-ip", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
            ("madang-time-left", "1"),
            ("x-actor", "kim"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let host = Some(HeaderValue::from_static("shop.example"));
        inward(&mut headers, Known { peer: "::ffff:192.0.2.7".parse().unwrap(), host });
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["x-actor", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]);
        assert_eq!(headers["x-forwarded-for"], "192.0.2.7");
    }

    #[test]
    fn a_trace_goes_on_or_begins() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let bad = [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "x",
        ];
        let mut headers = HeaderMap::new();
        headers.insert(TRACE, HeaderValue::from_static(good));
        trace(&mut headers, || unreachable!("there is one"));
        assert_eq!(headers[&TRACE], good);
        for bad in bad {
            headers.insert(TRACE, HeaderValue::from_static(bad));
            trace(&mut headers, || 0);
            assert!(is_trace(&headers[&TRACE]), "{bad}");
        }
    }
}
