//! `madang`: starts the server and reports, in one sentence, what kept it from starting.

use std::process::ExitCode;

use clap::Parser as _;
use server::{Application, Config, telemetry};

// Many small, short-lived allocations from many connections: what mimalloc is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::parse();
    telemetry::init(&config.log);
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    let application = Application::build(config).await?;
    application.run(server::shutdown::signals()).await
}
