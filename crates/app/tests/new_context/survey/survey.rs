//! One survey, for one request.

use appliance_repair::words::RequestId;
use kernel::{Evolve, Message, Recorded, Refuse, Whole};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::contract::{SurveyAnswered, SurveySent};

/// Ask the customer how it was.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct SendSurvey {}

/// Say how it was.
#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[of(RequestId)]
pub struct AnswerSurvey {
    pub stars: Whole<1, 5>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Survey {
    #[default]
    NotSent,
    Sent,
    Answered,
}

#[derive(Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("nobody has asked yet")]
    NotSent,
    #[error("this survey is already answered")]
    AlreadyAnswered,
}

pub fn send(survey: &Survey, _: SendSurvey) -> Option<SurveySent> {
    (*survey == Survey::NotSent).then_some(SurveySent {})
}

pub fn answer(
    survey: &Survey,
    AnswerSurvey { stars }: AnswerSurvey,
) -> Result<SurveyAnswered, Refusal> {
    match survey {
        Survey::Sent => Ok(SurveyAnswered { stars }),
        Survey::NotSent => Err(Refusal::NotSent),
        Survey::Answered => Err(Refusal::AlreadyAnswered),
    }
}

impl Refuse for Refusal {
    fn in_korean(&self) -> String {
        match self {
            Self::NotSent => "아직 설문이 없어요.",
            Self::AlreadyAnswered => "이미 답한 설문이에요.",
        }
        .into()
    }
}

impl Evolve<SurveySent> for Survey {
    fn evolve(&mut self, _: &Recorded<SurveySent>) {
        *self = Self::Sent;
    }
}

impl Evolve<SurveyAnswered> for Survey {
    fn evolve(&mut self, _: &Recorded<SurveyAnswered>) {
        *self = Self::Answered;
    }
}
