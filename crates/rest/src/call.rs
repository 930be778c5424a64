//! One request, as far as everyone needs to understand it.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use kernel::Tongue;

use crate::{
    problem::{Place, Problem, Violation},
    query::Fields,
    who::Who,
};

/// How long whoever has passed a request on still waits, in milliseconds.
pub const TIME_LEFT: &str = "madang-time-left";
/// What an answer may need to get back.
const ON_THE_WAY: Duration = Duration::from_millis(100);

/// Who calls, and by which way: all that an answer depends on beside what it is about.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The prefix the request came by; links go back the same way.
    pub base: String,
    /// Who calls.
    pub who: Who,
}

/// One request.
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// What stands in the one open place of the path: an id, a name.
    pub param: String,
    /// The fields behind the question mark.
    pub query: Fields,
    /// Its headers.
    pub headers: HeaderMap,
    /// The language to answer in.
    pub tongue: Tongue,
}

impl Call {
    /// The number in the path.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn id(&self) -> Result<u64, Problem> {
        const MOST: u64 = i64::MAX.unsigned_abs();
        let digits = self.param.bytes().all(|it| it.is_ascii_digit());
        match self.param.parse() {
            Ok(number @ 1..=MOST) if digits => Ok(number),
            _ => {
                let sentences = ("1 이상의 정수여야 해요.", "must be a positive whole number.");
                Err(Violation::new(Place::Path, "id", "range", sentences).with("min", 1).into())
            }
        }
    }

    /// How long whoever has passed this on still waits, and a little less: what is said then must
    /// arrive in time too.
    pub fn time_left(&self) -> Option<Duration> {
        let left = self.headers.get(TIME_LEFT)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_millis(left).saturating_sub(ON_THE_WAY))
    }

    /// A header that may stand there once.
    ///
    /// # Errors
    ///
    /// When it stands there twice, or is not ASCII.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Problem> {
        let Some(value) = single(&self.headers, name)? else { return Ok(None) };
        value.to_str().map(Some).map_err(|_| {
            let sentences = ("ASCII 문자만 쓸 수 있어요.", "may have only ASCII characters.");
            Violation::new(Place::Header, name, "encoding", sentences).into()
        })
    }
}

/// A header that may stand there once.
///
/// # Errors
///
/// When it stands there twice.
pub fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Violation::twice(Place::Header, name).into()),
        (value, None) => Ok(value),
    }
}
