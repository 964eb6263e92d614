//! `sluice up`: a whole pool from one command. Every role is the real one, joined over loopback by
//! the same sealed links that join them across machines.

mod display;
mod plan;
mod pool;

use anyhow::Result;
use sluice_service::logging;

use crate::arguments::UpArguments;
use crate::panics::Panics;
use crate::role::runtime;
use crate::signals::StopSignals;
use crate::up::display::Display;
use crate::up::pool::Pool;

pub(crate) fn run(arguments: &UpArguments) -> Result<()> {
    logging::start("warn");
    let mut panics = Panics::watch();
    runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let mut pool = tokio::select! {
            pool = Pool::start(arguments) => pool?,
            () = stop.wait() => return Ok(()),
        };
        let mut display = Display::new(&pool);
        display.greet(&pool);
        let failure = loop {
            tokio::select! {
                () = stop.wait() => break None,
                failure = panics.wait() => break Some(failure.into()),
                () = tokio::time::sleep(display::INTERVAL) => {
                    if let Some(failure) = pool.failure() {
                        break Some(failure);
                    }
                    display.update(&pool);
                }
            }
        };
        display.say_stopping();
        // What is left of a pool that failed may fail for the lack of what is not.
        let stopped = tokio::spawn(pool.stop()).await;
        let summary = stopped.unwrap_or_else(|ended| Err(ended.into()));
        if let Ok(summary) = &summary {
            display.conclude(summary, arguments.json);
        }
        let failure = failure.or_else(|| panics.met().map(anyhow::Error::from));
        failure.map_or_else(|| summary.map(drop), Err)
    })
}
