//! What the centre sees of its surveys.

use appliance_repair::words::RequestId;
use kernel::{Evolve, Message, Recorded, Time};
use serde::{Deserialize, Serialize};

use super::contract::{SurveyAnswered, SurveySent};

/// How one repair was.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
#[of(RequestId)]
pub struct SurveyRow {
    pub sent: Option<Time>,
    pub stars: Option<u32>,
}

impl Evolve<SurveySent> for SurveyRow {
    fn evolve(&mut self, sent: &Recorded<SurveySent>) {
        self.sent = Some(sent.at);
    }
}

impl Evolve<SurveyAnswered> for SurveyRow {
    fn evolve(&mut self, answered: &Recorded<SurveyAnswered>) {
        self.stars = u32::try_from(answered.stars.get()).ok();
    }
}
