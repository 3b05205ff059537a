//! `madang`: starts the server and reports, in one sentence, what kept it from starting.

use std::process::ExitCode;

use server::{Application, Command, Config, shutdown, telemetry};
use tokio::sync::oneshot;

/// What shells make of SIGINT: 128 and its number.
const INTERRUPTED: i32 = 130;

// Many small, short-lived allocations from many connections: what mimalloc is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::read();
    let log = config.command.as_ref().map_or(&config.log, Command::log);
    telemetry::init(log.clone());
    let code = match run(config).await {
        Ok(code) => code,
        Err(error) => {
            telemetry::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    };
    telemetry::finish();
    code
}

async fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    if let Some(command) = config.command.take() {
        return command.run().await.map(|()| ExitCode::SUCCESS);
    }
    let application = Application::build(config).await?;
    let (ask, asked) = oneshot::channel();
    let twice = async {
        shutdown::requested().await;
        let _ = ask.send(());
        shutdown::interrupted().await;
    };
    let asked = async {
        let _ = asked.await;
    };
    tokio::select! {
        // In this order, so that a signal is heard from before anybody is told the address.
        biased;
        () = twice => {
            telemetry::say("asked to end a second time: not waiting for anybody; what was acknowledged is on the disk");
            telemetry::finish();
            // Not by returning, which would wait for what is being done.
            std::process::exit(INTERRUPTED)
        }
        result = application.run(asked) => result.map(|()| ExitCode::SUCCESS),
    }
}
