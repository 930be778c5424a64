//! What the runtime says came to nothing, as a problem.

use std::time::Duration;

use runtime::{Failure, store::StoreError};

use super::{Kind, Problem};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Refused(sentence) => Self::say(Kind::Refused, sentence.clone()),
            Failure::Unavailable { who, again, .. } => Self::new(
                Kind::Unavailable,
                format!(
                    "지금은 {who} 쪽이 답하지 않아요. 바뀐 것은 없어요. 잠시 뒤 다시 해 주세요."
                ),
                format!("{who} does not answer now. Nothing has changed; please try again soon."),
            )
            .retry_after(seconds(*again)),
            Failure::Unknown { what } => {
                Self::new(Kind::NotFound, format!("찾을 수 없어요: {what}"), format!("{failure}."))
            }
            Failure::KeyReused => Self::new(
                Kind::KeyReused,
                "이 Idempotency-Key는 다른 내용의 요청에 이미 쓰였어요. 새 키로 보내 주세요.",
                "This Idempotency-Key came with another command before. Please use a new one.",
            ),
            Failure::KeyBusy => Self::new(
                Kind::KeyBusy,
                "같은 Idempotency-Key로 보낸 요청을 아직 처리하고 있어요.",
                "The command with this Idempotency-Key is still at work.",
            )
            .retry_after(1),
            Failure::TooLarge { bytes, most, .. } => Self::new(
                Kind::TooLarge,
                format!(
                    "이 일로 {bytes}바이트의 사건이 생기는데, {most}바이트까지 적을 수 있어요. \
                     바뀐 것은 없어요."
                ),
                format!(
                    "This would lead to an event of {bytes} bytes, and {most} is the most that \
                     is written. Nothing has changed."
                ),
            ),
            Failure::BadRow { view, number, .. } => {
                tracing::error!(story = failure.story(), "a row cannot be read");
                Self::new(
                    Kind::BadRow,
                    format!(
                        "{view}의 {number}번을 읽을 수 없어요. 기록은 그대로 있으니 운영자가 \
                         이 보기를 다시 만들면 보여요."
                    ),
                    format!(
                        "Row {number} of {view} cannot be read. Nothing is lost: it is there again \
                         when an operator rebuilds the view."
                    ),
                )
            }
            Failure::Store(error) => {
                tracing::error!(story = failure.story(), "a store failed");
                stored(error)
            }
            Failure::Unreadable(_) | Failure::Fault { .. } => {
                tracing::error!(story = failure.story(), "a fault");
                fault()
            }
        }
    }
}

fn stored(error: &StoreError) -> Problem {
    match error {
        StoreError::Full(_)
        | StoreError::Away(_)
        | StoreError::Conflict(_)
        | StoreError::Fenced(_) => Problem::new(
            Kind::Unavailable,
            "지금은 저장할 수 없어요. 바뀐 것은 없어요. 잠시 뒤 다시 해 주세요.",
            "Nothing can be written now. Nothing has changed; please try again soon.",
        )
        .retry_after(1),
        StoreError::Broken(_) | StoreError::Unknown(_) => Problem::new(
            Kind::UnknownOutcome,
            "저장이 끝났는지 알 수 없어요. 같은 Idempotency-Key로 다시 보내 주세요.",
            "It is not known whether this was written. Please repeat it under the same \
             Idempotency-Key.",
        )
        .retry_after(5),
        StoreError::Unreadable { .. } => fault(),
    }
}

/// We are wrong; the story is in the log.
fn fault() -> Problem {
    Problem::new(
        Kind::Fault,
        "저희 쪽 오류예요. 기록해 두었어요.",
        "This is our fault; it has been written down.",
    )
}

/// Whole seconds, never early.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}
