//! Stock: parts come in, are held for a job, and are used up or free again.

pub mod contract;
mod part;
mod policy;
#[cfg(test)]
mod tests;
mod view;

use kernel::{Aggregate, Context, View};

use self::{
    contract::{PartsConsumed, PartsReceived, PartsReleased, PartsReserved},
    part::{Part, ReceiveParts},
    view::StockRow,
};
use crate::words::{CENTER_MANAGER, PARTS_KEEPER, ProductCode};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("stock")
        .policy(policy::reserve_a_part_for_an_acceptance)
        .policy(policy::use_the_part_up_when_the_repair_is_done)
        .policy(policy::free_the_part_when_the_job_is_canceled)
        .aggregate(
            Aggregate::<Part, ProductCode>::named("part")
                .at("stocks")
                .decide(part::receive)
                .by(&[PARTS_KEEPER, CENTER_MANAGER])
                .post_to(|it: &ReceiveParts| it.related_product_id.clone())
                .decide(part::reserve)
                .decide(part::consume)
                .decide(part::release)
                .answers(part::on_hand),
        )
        .view(
            View::<StockRow>::named("stocks")
                .shows::<PartsReceived>()
                .shows::<PartsReserved>()
                .shows::<PartsConsumed>()
                .shows::<PartsReleased>()
                .indexed("relatedProductId", |row| {
                    row.related_product_id.as_ref().map(ProductCode::as_str).into()
                })
                .found("product", "relatedProductId")
                .searched("findByRelatedProductId", "relatedProductId"),
        )
}
