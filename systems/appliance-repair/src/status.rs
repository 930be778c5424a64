//! How far a request, a job and a payment have come, in the words of the trade.

use kernel::{Indexed, Shape, Word};
use serde::{Deserialize, Serialize};

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestStatus {
    /// 접수
    #[default]
    Requested,
    /// 취소 처리 중
    Canceling,
    /// 취소
    Canceled,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobStatus {
    /// 접수
    #[default]
    Requested,
    /// 부품 대기
    OutOfStock,
    /// 수락
    Accepted,
    /// 수리 완료
    Repaired,
    /// 결제 완료
    Paid,
    /// 취소
    Canceled,
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PayStatus {
    /// 결제 확인 중
    #[default]
    Pending,
    /// 결제 완료
    Paid,
    /// 결제 거절
    Declined,
}

impl RequestStatus {
    /// Every word, in the order of the variants.
    pub const WORDS: &[&str] = &["REQUESTED", "CANCELING", "CANCELED"];
}

impl JobStatus {
    /// Every word, in the order of the variants.
    pub const WORDS: &[&str] =
        &["REQUESTED", "OUTOFSTOCK", "ACCEPTED", "REPAIRED", "PAID", "CANCELED"];
}

impl PayStatus {
    /// Every word, in the order of the variants.
    pub const WORDS: &[&str] = &["PENDING", "PAID", "DECLINED"];
}

impl Word for RequestStatus {
    const SHAPE: Shape = Shape::OneOf(Self::WORDS);
}

impl Word for JobStatus {
    const SHAPE: Shape = Shape::OneOf(Self::WORDS);
}

impl Word for PayStatus {
    const SHAPE: Shape = Shape::OneOf(Self::WORDS);
}

impl From<RequestStatus> for Indexed {
    fn from(status: RequestStatus) -> Self {
        RequestStatus::WORDS[status as usize].into()
    }
}

impl From<JobStatus> for Indexed {
    fn from(status: JobStatus) -> Self {
        JobStatus::WORDS[status as usize].into()
    }
}

impl From<PayStatus> for Indexed {
    fn from(status: PayStatus) -> Self {
        PayStatus::WORDS[status as usize].into()
    }
}
