//! Why service says no.

use kernel::Refuse;
use thiserror::Error;

/// Whoever comes second hears who came first.
#[derive(Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("there is no such job on the service list")]
    NotListed,
    #[error("{0} is accepting this job right now")]
    BeingAccepted(String),
    #[error("{0} has already accepted this job")]
    AlreadyAccepted(String),
    #[error("{0} has already repaired the appliance")]
    AlreadyRepaired(String),
    #[error("the customer is canceling this job")]
    BeingCanceled,
    #[error("the customer has canceled this job")]
    Canceled,
    #[error("only an accepted job can be completed")]
    NotAccepted,
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::NotListed => "서비스 목록에 없는 접수예요.".into(),
            Self::BeingAccepted(by) => format!("{by} 엔지니어가 먼저 수락하고 있어요."),
            Self::AlreadyAccepted(by) => format!("{by} 엔지니어가 먼저 수락했어요."),
            Self::AlreadyRepaired(by) => format!("{by} 엔지니어가 이미 수리를 마쳤어요."),
            Self::BeingCanceled => "고객이 취소하고 있어요.".into(),
            Self::Canceled => "고객이 방금 취소했어요.".into(),
            Self::NotAccepted => "수락한 접수만 수리를 완료할 수 있어요.".into(),
        }
    }
}
