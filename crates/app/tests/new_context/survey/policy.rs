//! What survey does of its own accord.

use appliance_repair::payment::contract::Paid;
use kernel::{Recorded, To};

use super::survey::SendSurvey;

pub fn send_a_survey_when_the_repair_is_paid(payment: &Recorded<Paid>) -> To<SendSurvey> {
    To(payment.of, SendSurvey {})
}
