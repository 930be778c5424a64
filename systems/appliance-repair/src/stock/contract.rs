//! What stock tells the others.

use kernel::Message;
use serde::{Deserialize, Serialize};

use crate::words::{ProductCode, RequestId, Won};

/// Parts came in; this is their price from now on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("부품이 들어왔어요. 이제부터 이 가격이에요.")]
#[of(ProductCode)]
pub struct PartsReceived {
    pub stock: u32,
    pub unit_price: Won,
}

/// A part is held for a request, at this price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("이 접수를 위해 부품 하나를 이 가격에 예약했어요.")]
#[of(ProductCode)]
pub struct PartsReserved {
    pub request: RequestId,
    pub unit_price: Won,
}

/// The last free part was gone before it could be held for this request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("예약하기 전에 마지막 부품이 나갔어요.")]
#[of(ProductCode)]
pub struct ReservationRefused {
    pub request: RequestId,
    /// The attempt to accept its job that comes to nothing.
    pub attempt: u32,
}

/// The part held for a request was built in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("예약한 부품을 수리에 썼어요.")]
#[of(ProductCode)]
pub struct PartsConsumed {
    pub request: RequestId,
}

/// The part held for a request is free again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[korean("예약했던 부품을 다시 쓸 수 있어요.")]
#[of(ProductCode)]
pub struct PartsReleased {
    pub request: RequestId,
}
