//! Survey: whoever has paid is asked how it was.

pub mod contract;
mod policy;
mod survey;
mod view;

use appliance_repair::words::RequestId;
use kernel::{Aggregate, Context, View};

use self::{
    contract::{SurveyAnswered, SurveySent},
    view::SurveyRow,
};

/// The context as it runs, and as it is drawn.
#[must_use]
pub fn context() -> Context {
    Context::named("survey")
        .policy(policy::send_a_survey_when_the_repair_is_paid)
        .aggregate(
            Aggregate::<survey::Survey, RequestId>::named("survey")
                .at("surveys")
                .decide(survey::send)
                .decide(survey::answer)
                .by(&[appliance_repair::words::CUSTOMER])
                .put("answer"),
        )
        .view(
            View::<SurveyRow>::named("surveys")
                .shows::<SurveySent>()
                .shows::<SurveyAnswered>()
                .indexed("stars", |row| row.stars.map(i64::from).into()),
        )
}
