//! The whole call, turn by turn: each with what was said, what was called and how long it took.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use crate::agent::{Act, Agent};
use crate::language::Lang;
use crate::line::{Door, Line, LineError};
use crate::script::Script;

/// When the gateway says that it is worth another try, the agent waits so long …
const PAUSE: Duration = Duration::from_secs(1);
/// … and tries so often.
const TRIES: usize = 4;

/// A call that is over.
#[derive(Debug)]
pub struct Call {
    /// Its turns.
    pub turns: Vec<Turn>,
    /// What the last wish came to: `booked`, `pending`, `rescheduled`, `cancelled` or `found`.
    pub outcome: Option<String>,
    /// What the agent was still to ask.
    pub next_step: String,
}

/// One line of the caller's, and what it led to.
#[derive(Debug)]
pub struct Turn {
    /// What the caller said.
    pub caller: String,
    /// What the agent called.
    pub calls: Vec<FunctionCall>,
    /// What the caller hears, a sentence for each call.
    pub agent: Vec<String>,
    /// How long the gateway took in all.
    pub took: Duration,
}

/// A function call and its answer.
#[derive(Debug)]
pub struct FunctionCall {
    /// Which function.
    pub function: &'static str,
    /// With what.
    pub args: Map<String, Value>,
    /// What the gateway said.
    pub answer: Value,
    /// How long it took.
    pub took: Duration,
}

impl Call {
    /// Makes the call; `heard` is told of every turn as soon as it is over.
    pub async fn make(
        line: &Line,
        (lang, service): (Lang, Option<&str>),
        script: &Script,
        mut heard: impl FnMut(&Turn),
    ) -> Result<Self, LineError> {
        let door = Door::new(line)?;
        let mut agent = Agent::new(lang, service);
        let mut turns: Vec<Turn> = Vec::new();
        let mut number = 0;
        for caller in script.lines() {
            let turn = turn(&door, &mut agent, caller, &mut number).await?;
            heard(&turn);
            turns.push(turn);
        }
        Ok(Self {
            turns,
            outcome: agent.outcome().map(str::to_owned),
            next_step: agent.next_step().to_owned(),
        })
    }

    /// How long the slowest turn took.
    pub fn slowest(&self) -> Duration {
        let took = self.turns.iter().map(|it| it.took);
        took.max().unwrap_or_default()
    }
}

async fn turn(
    door: &Door<'_>,
    agent: &mut Agent,
    caller: &str,
    number: &mut usize,
) -> Result<Turn, LineError> {
    let mut turn = Turn {
        caller: caller.to_owned(),
        calls: Vec::new(),
        agent: Vec::new(),
        took: Duration::ZERO,
    };
    let (function, args) = match agent.hear(caller) {
        Act::Say(own) => {
            turn.agent.push(own);
            return Ok(turn);
        }
        Act::Ask { function, args } => (function, args),
    };
    for attempt in 1..=TRIES {
        *number += 1;
        let began = Instant::now();
        let answer = door.ask(function, &args, *number).await?;
        let took = began.elapsed();
        agent.answered(&answer);
        turn.agent
            .push(answer["say"].as_str().unwrap_or_default().to_owned());
        turn.took += took;
        turn.calls.push(FunctionCall {
            function,
            args: args.clone(),
            answer,
            took,
        });
        if agent.next_step() != "try_again" || attempt == TRIES {
            break;
        }
        sleep(PAUSE).await;
    }
    Ok(turn)
}
