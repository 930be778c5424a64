//! What can be wrong, in general.

use axum::http::StatusCode;
use kernel::Tongue;

/// What can be wrong, in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something in it breaks a rule.
    Invalid,
    /// Its body is no JSON.
    Malformed,
    /// Its body did not arrive in full.
    BrokenOff,
    /// Not by this caller.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// There is no such address.
    UnknownPath,
    /// Not by this method.
    MethodNotAllowed,
    /// The business says no.
    Refused,
    /// The command with this key is still at work.
    KeyBusy,
    /// Its body is too large.
    TooLarge,
    /// It has too many headers.
    TooManyHeaders,
    /// Too many came from there.
    TooMany,
    /// Its body is in another format.
    UnsupportedMediaType,
    /// The key was used for something else.
    KeyReused,
    /// Somebody who is needed is away.
    Unavailable,
    /// The view has not seen it yet.
    NotYet,
    /// It is not known whether it was written.
    UnknownOutcome,
    /// Whoever was to answer broke off.
    NoAnswer,
    /// Whoever was to answer took too long.
    TooLate,
    /// A row that cannot be read until its view is rebuilt.
    BadRow,
    /// We are wrong.
    Fault,
}

impl Kind {
    /// The end of its type; an outcome among the figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::BrokenOff => "broken-off",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::UnknownPath => "unknown-path",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Refused => "refused",
            Self::KeyBusy => "key-busy",
            Self::TooLarge => "too-large",
            Self::TooManyHeaders => "too-many-headers",
            Self::TooMany => "too-many",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::KeyReused => "key-reused",
            Self::Unavailable => "unavailable",
            Self::NotYet => "not-yet",
            Self::UnknownOutcome => "unknown-outcome",
            Self::NoAnswer => "no-answer",
            Self::TooLate => "too-late",
            Self::BadRow => "bad-row",
            Self::Fault => "fault",
        }
    }

    /// The status of its answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Invalid | Self::Malformed | Self::BrokenOff => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused | Self::KeyBusy => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::NoAnswer => StatusCode::BAD_GATEWAY,
            Self::TooLate => StatusCode::GATEWAY_TIMEOUT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable | Self::NotYet | Self::UnknownOutcome => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::BadRow | Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self, tongue: Tongue) -> &'static str {
        let (korean, english) = match self {
            Self::Invalid => ("요청이 올바르지 않아요", "The request is not right"),
            Self::Malformed => ("JSON이 아니에요", "This is not JSON"),
            Self::BrokenOff => ("요청이 끊겼어요", "The request was broken off"),
            Self::Forbidden => ("할 수 없는 일이에요", "This is not allowed"),
            Self::NotFound => ("찾을 수 없어요", "There is no such thing"),
            Self::UnknownPath => ("없는 주소예요", "There is no such address"),
            Self::MethodNotAllowed => ("이 주소에서는 할 수 없어요", "This cannot be done here"),
            Self::Refused => ("지금은 할 수 없어요", "This cannot be done now"),
            Self::KeyBusy => ("같은 요청을 처리하고 있어요", "The same request is at work"),
            Self::TooLarge => ("요청이 너무 커요", "The request is too large"),
            Self::TooManyHeaders => ("머리글이 너무 많아요", "There are too many headers"),
            Self::TooMany => ("요청이 너무 많아요", "There are too many requests"),
            Self::NoAnswer => ("답이 오지 않았어요", "There was no answer"),
            Self::TooLate => ("답이 제때 오지 않았어요", "The answer did not come in time"),
            Self::UnsupportedMediaType => ("읽을 수 없는 형식이에요", "This format cannot be read"),
            Self::KeyReused => {
                ("이미 다른 요청에 쓴 키예요", "This key was used for something else")
            }
            Self::Unavailable => ("잠시 멈췄어요", "Away for a moment"),
            Self::NotYet => ("아직 보이지 않아요", "Not to be seen yet"),
            Self::UnknownOutcome => ("결과를 알 수 없어요", "What came of it is not known"),
            Self::BadRow => ("읽을 수 없는 줄이에요", "This row cannot be read"),
            Self::Fault => ("예기치 않은 오류가 생겼어요", "Something unexpected happened"),
        };
        match tongue {
            Tongue::Korean => korean,
            Tongue::English => english,
        }
    }
}
