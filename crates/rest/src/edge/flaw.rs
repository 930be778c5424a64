//! What can be wrong with the head of a request although it can be parsed.

use hyper::header::{HOST, HeaderValue};
use hyper::{Request, StatusCode, Version};

use super::problem::Problem;

/// A head that two readers could understand differently; it is refused, and the connection closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    TwoLengths,
    BareLineEnd,
    Misframed,
    HostMissing,
    HostTwice,
}

impl Flaw {
    /// What is wrong with the host of a request.
    pub(super) fn of_host<B>(request: &Request<B>) -> Option<Self> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (first, second) = (hosts.next(), hosts.next());
        let authority = request.uri().authority();
        let differs = |host: &HeaderValue| {
            authority.is_some_and(|named| {
                !host.as_bytes().eq_ignore_ascii_case(named.as_str().as_bytes())
            })
        };
        match (request.version(), first, second) {
            (_, _, Some(_)) => Some(Self::HostTwice),
            (Version::HTTP_11, None, _) => Some(Self::HostMissing),
            (Version::HTTP_2, None, _) if authority.is_none() => Some(Self::HostMissing),
            // Two names that differ are two hosts, wherever they are written.
            (_, Some(host), None) if differs(host) => Some(Self::HostTwice),
            _ => None,
        }
    }

    pub(super) fn problem(self) -> Problem {
        let (code, korean, english) = match self {
            Self::TwoLengths => (
                "ambiguous-length",
                "요청의 길이가 한 가지로 정해지지 않습니다.",
                "The request states its length in more than one way.",
            ),
            Self::BareLineEnd => (
                "bare-line-end",
                "요청 머리글의 줄이 CRLF로 끝나지 않습니다.",
                "A line of the request head does not end in CRLF.",
            ),
            Self::Misframed => (
                "misframed",
                "요청의 시작과 끝을 알 수 없습니다.",
                "It is not clear where the request begins and ends.",
            ),
            Self::HostMissing => (
                "host-missing",
                "요청에 Host 머리글이 없습니다.",
                "The request does not name its host.",
            ),
            Self::HostTwice => (
                "host-twice",
                "요청에 호스트가 둘 이상 적혀 있습니다.",
                "The request names more than one host.",
            ),
        };
        Problem { status: StatusCode::BAD_REQUEST, code, korean, english }
    }
}
