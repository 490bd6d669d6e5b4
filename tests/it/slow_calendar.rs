//! Cal.com takes seconds: whoever is on the telephone hears so in time, and the next time they ask
//! the answer is there.

use std::time::Duration;

use anyhow::ensure;
use booking_test_support::wait::until;
use serde_json::json;

use crate::days::cold_day;
use crate::installation::{Installation, Options};
use crate::telephone::Telephone;

const CHECK: &str = "check_availability";

/// Red when a read waits for Cal.com to the end, or when its fetch ends with it: then Cal.com is
/// asked anew each time, and nobody ever hears an answer.
#[tokio::test]
async fn a_caller_is_not_kept_waiting_and_the_next_question_is_answered() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    let slow = json!([{"route": "GET /v2/slots", "latency_ms": 2_500}]);
    it.faults(slow).await?;
    let wish = json!({"service": "Beratung", "date": cold_day(0).to_string()});
    let who = ("+491713920042", "call_1");
    let call = Telephone::new(&it.http, it.gateways[0].url(""), who);
    let first = call.ask(CHECK, "tool_1", wish.clone()).await?;
    assert_eq!(first["code"], "calendar_unavailable", "{first}");
    assert_eq!(first["next_step"], "try_again");
    until(Duration::from_secs(30), "the answer is there", || async {
        let answer = call.ask(CHECK, "tool_2", wish.clone()).await?;
        ensure!(answer["code"] == "available", "{answer}");
        Ok(())
    })
    .await?;
    Ok(())
}
