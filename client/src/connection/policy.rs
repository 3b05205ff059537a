//! The connection to the server: which transport to use, when to give a line up, when to come back.
//!
//! It steps down to a worse transport when the one it has brings no frame although plain requests are answered, and
//! tries the better ones again in the background: beside the line that works, which is closed only when the better one
//! has spoken. A line that is slow to bring anything though plain requests are answered goes on in the same way, beside
//! one over the next transport ("happy eyeballs", RFC 8305). Whoever uses it looks at
//! [`ConnectionPolicy::line_in_use`] after every call: another value is another line, on which nothing is joined yet.

mod attempts;

use protocol::close::may_come_back;

use crate::connection::channel_ids::ChannelIds;
use crate::connection::line::{Dead, Greeting, Line};
use crate::connection::outage::Outage;
use crate::connection::silence::Silence;
use crate::connection::upgrade::UpgradeTrial;
use crate::effect::Effect;
use crate::limits::{RECONNECT_MAX_MS, REFUSED_LINE_MIN_MS, REFUSED_MIN_MS};
use crate::model::now::Now;
use crate::model::status::{LineInUse, Phase, Status};
use crate::model::transport::{Transport, Transports};
use crate::step::Step;

/// Decides which transport carries the connection, and when to connect again.
#[derive(Debug)]
pub(crate) struct ConnectionPolicy {
    transports: Transports,
    level: Transport,
    stage: Stage,
    channels: ChannelIds,
    main: Option<Line>,
    trial: UpgradeTrial,
    outage: Outage,
    silence: Silence,
    /// The next attempt begins with a plain request, because the last one proved nothing.
    asks_first: bool,
    /// A plain request was answered in this attempt; at first, the one for the page.
    is_reachable: bool,
    /// When the line in use, unless it is proved by then, gets another beside it.
    hasten_at: u64,
    /// Strikes for the last attempt, counted if plain requests turn out to be answered.
    suspicion: u32,
    strikes: u32,
}

/// What a browser reports for a line that ended without a close frame (RFC 6455, section 7.1.5).
const NO_CLOSE_FRAME: u16 = 1006;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    /// A plain request is on its way: it makes an identity, and shows whether requests are answered at all.
    Asking {
        id: u32,
        until: u64,
    },
    /// A line is opening or open.
    Line,
    /// Between two attempts.
    Waiting {
        until: u64,
    },
    Refused,
}

impl ConnectionPolicy {
    /// `asks_first`: the first attempt begins with a plain request, because the page came without an identity.
    pub(crate) fn new(transports: Transports, asks_first: bool) -> Self {
        Self {
            transports,
            level: transports.first.clamp(transports.best, transports.worst),
            stage: Stage::Idle,
            channels: ChannelIds::default(),
            main: None,
            trial: UpgradeTrial::default(),
            outage: Outage::default(),
            silence: Silence::new(transports.beat_ms),
            asks_first,
            is_reachable: false,
            hasten_at: u64::MAX,
            suspicion: 0,
            strikes: 0,
        }
    }

    /// The line in use, once the server has greeted; `tab` is this tab's number.
    pub(crate) fn line_in_use(&self, tab: u32) -> Option<LineInUse> {
        let main = self.main.as_ref()?;
        let Greeting { user_id, epoch } = main.greeting?;
        Some(LineInUse {
            tab,
            line: main.number,
            user_id,
            epoch,
        })
    }

    fn is_up(&self) -> bool {
        self.main.as_ref().is_some_and(|main| main.greeting.is_some())
    }

    /// The line leads both ways.
    fn is_answered(&self) -> bool {
        self.is_up() && self.main.as_ref().is_some_and(|main| main.is_answered)
    }

    pub(crate) fn status(&self) -> Status {
        let phase = match self.stage {
            Stage::Idle => Phase::Idle,
            Stage::Refused => Phase::Refused,
            _ if self.is_answered() => Phase::Online,
            _ if self.outage.is_told => Phase::Down,
            _ => Phase::Connecting,
        };
        let next_try = match self.stage {
            Stage::Waiting { until } => Some(until),
            _ => None,
        };
        Status {
            phase,
            transport: self.level,
            down_since: self.outage.since,
            next_try,
            refused: self.outage.refused_with(),
        }
    }

    /// True for the line in use, false for one on trial.
    pub(crate) fn is_main(&self, line: u32) -> bool {
        self.main.as_ref().is_some_and(|main| main.number == line)
    }

    /// Connects, with this transport if one is given. Ignored unless idle.
    pub(crate) fn start(&mut self, step: &mut Step<'_>, transport: Option<Transport>) {
        if self.stage == Stage::Idle {
            // Whoever takes the connection over has loaded the page long ago.
            self.is_reachable = transport.is_none();
            if let Some(transport) = transport {
                self.level = transport.clamp(self.transports.best, self.transports.worst);
            }
            self.trial.schedule(step.now);
            self.attempt(step);
        }
    }

    /// Closes every channel, save for requests with what was said; idle until the next start.
    pub(crate) fn stop(&mut self, step: &mut Step<'_>) {
        if let Some(main) = &mut self.main {
            main.part(step, &mut self.channels);
        }
        self.end(step, Stage::Idle);
        self.outage.is_over();
    }

    pub(crate) fn opened(&mut self, now: Now, id: u32) {
        if let Some(line) = self.line_of(id) {
            line.opened(now.ms);
        }
    }

    /// A frame arrived on a socket or stream. Returns its line's number; `None` for a channel that was closed.
    pub(crate) fn received(&mut self, now: Now, id: u32, cursor: Option<&str>) -> Option<u32> {
        let line = self.line_of(id)?;
        line.received(now.ms, cursor);
        Some(line.number)
    }

    /// A socket or stream ended with this close code.
    pub(crate) fn closed(&mut self, step: &mut Step<'_>, id: u32, code: u16) {
        if let Some(open) = self.line_of(id) {
            let line = open.number;
            if code == NO_CLOSE_FRAME {
                self.suspect_silence(step.now, line);
            }
            self.bye(step, line, code, None);
        }
    }

    /// A request was answered. Returns its line's number and the frames in the body.
    pub(crate) fn answer<'a>(
        &mut self,
        step: &mut Step<'_>,
        id: u32,
        body: Option<&'a str>,
    ) -> Option<(u32, Vec<&'a str>)> {
        if matches!(self.stage, Stage::Asking { id: asked, .. } if asked == id) {
            self.asked(step, body.is_some());
            return None;
        }
        let open = [&mut self.main, &mut self.trial.line]
            .into_iter()
            .flatten()
            .find(|line| line.owns(id))?;
        let line = open.number;
        let answer = open.answer(step, id, body, &mut self.channels);
        match answer {
            Ok(_) => self.proved(step),
            Err(Dead) => {
                self.suspect_silence(step.now, line);
                self.lost(step, line, None);
            }
        }
        Some((line, answer.ok()?))
    }

    /// A request was answered with something else than 200; `retry_after_ms` is what the answer asks for, 0 for nothing.
    pub(crate) fn refused(&mut self, step: &mut Step<'_>, id: u32, status: u16, retry_after_ms: u64) {
        let retry_after_ms = retry_after_ms.min(RECONNECT_MAX_MS);
        if matches!(self.stage, Stage::Asking { id: asked, .. } if asked == id) {
            self.outage.refused(status, retry_after_ms.max(REFUSED_MIN_MS));
            self.asked(step, false);
            return;
        }
        let Some(open) = self.line_of(id) else { return };
        let line = open.number;
        let answer = open.refused(step.now, id, status, retry_after_ms);
        if self.is_main(line) {
            self.outage
                .refused(status, retry_after_ms.max(REFUSED_LINE_MIN_MS));
            self.trial.soon(step.now);
        }
        if answer == Err(Dead) {
            self.suspect_silence(step.now, line);
            self.lost(step, line, None);
        }
    }

    /// The server greeted on this line.
    pub(crate) fn greeted(&mut self, step: &mut Step<'_>, line: u32, greeting: Greeting) {
        if let Some(open) = self.line_numbered(line) {
            open.greeted(step, greeting);
        }
        self.proved(step);
    }

    /// The server answered something that was said on this line.
    pub(crate) fn heard(&mut self, step: &mut Step<'_>, line: u32) {
        if let Some(open) = self.line_numbered(line) {
            open.heard(step.now.ms);
        }
        self.proved(step);
    }

    /// The server ends this line. `reconnect_ms` is the wait it asks for, at most [`RECONNECT_MAX_MS`].
    pub(crate) fn bye(&mut self, step: &mut Step<'_>, line: u32, code: u16, reconnect_ms: Option<u64>) {
        let renew = protocol::CloseCode::Renew.code();
        match &mut self.main {
            Some(main) if main.number == line && !may_come_back(code) => {
                self.end(step, Stage::Refused);
                self.outage.since.get_or_insert(step.now.ms);
            }
            Some(main) if main.number == line && code == renew => {
                main.receive(step, &mut self.channels);
            }
            _ => self.lost(step, line, reconnect_ms),
        }
    }

    /// The browser says that it is on no network. Attempts go on: it may be wrong, where the server is on the same machine.
    pub(crate) fn offline(&mut self, step: &mut Step<'_>) {
        if self.stage == Stage::Line {
            self.fail(step, None);
            self.suspicion = 0;
        }
        if self.outage.since.is_some() {
            self.outage.tell();
        }
    }

    /// The page became visible or the browser came to a network: the line may have died unnoticed.
    pub(crate) fn awake(&mut self, step: &mut Step<'_>, is_online: bool) {
        if is_online {
            self.trial.network_changed(step.now);
        }
        match (self.stage, &mut self.main) {
            (Stage::Waiting { .. }, _) => self.attempt(step),
            (Stage::Line, Some(main)) => main.probe(step, &mut self.channels),
            _ => {}
        }
    }

    /// Sends a frame on the line. `changes_rooms`: it joins or leaves one.
    pub(crate) fn send(&mut self, step: &mut Step<'_>, text: String, changes_rooms: bool) {
        if let Some(main) = &mut self.main {
            main.send(step, text, changes_rooms);
        }
    }

    /// A message was sent: silence for [`QUIET_AFTER_POST_MS`](crate::limits::QUIET_AFTER_POST_MS) is probed.
    pub(crate) fn expect(&mut self, now: Now) {
        if let Some(main) = &mut self.main {
            main.expect(now.ms);
        }
    }

    /// Posts the gathered frames over HTTP. Called at the end of every step.
    pub(crate) fn flush(&mut self, step: &mut Step<'_>) {
        if let Some(main) = &mut self.main {
            main.flush(step, &mut self.channels);
        }
    }

    /// When [`ConnectionPolicy::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        self.due_in_stage().min(self.outage.due())
    }

    fn due_in_stage(&self) -> u64 {
        match self.stage {
            Stage::Idle | Stage::Refused => u64::MAX,
            Stage::Asking { until, .. } | Stage::Waiting { until } => until,
            Stage::Line => {
                let lines = self.main.iter().chain(&self.trial.line).map(Line::due);
                let trial = if self.wants_trial() {
                    self.trial.next_at
                } else {
                    u64::MAX
                };
                lines.fold(trial.min(self.hasten_at), u64::min)
            }
        }
    }

    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        self.outage.tick(step.now.ms);
        match self.stage {
            Stage::Waiting { until } if step.now.ms >= until => self.attempt(step),
            Stage::Asking { id, until } if step.now.ms >= until => {
                step.push(Effect::Close { id });
                self.asked(step, false);
            }
            Stage::Line => self.tick_lines(step),
            _ => {}
        }
    }

    fn tick_lines(&mut self, step: &mut Step<'_>) {
        let channels = &mut self.channels;
        let mut is_dead = |line: &mut Option<Line>, step: &mut Step<'_>| {
            line.as_mut()
                .is_some_and(|line| line.tick(step, channels).is_err())
        };
        if is_dead(&mut self.trial.line, step) {
            self.trial_failed(step);
        } else if is_dead(&mut self.main, step) {
            self.fail(step, None);
        } else if step.now.ms >= self.hasten_at {
            self.hasten(step);
        } else if self.wants_trial() && step.now.ms >= self.trial.next_at {
            let best = self.transports.best;
            self.trial
                .begin(step, best, self.silence.proved_ms, &mut self.channels);
        }
    }

    fn trial_failed(&mut self, step: &mut Step<'_>) {
        self.trial
            .failed(step, self.level, self.silence.proved_ms, &mut self.channels);
    }

    fn line_numbered(&mut self, number: u32) -> Option<&mut Line> {
        [&mut self.main, &mut self.trial.line]
            .into_iter()
            .flatten()
            .find(|line| line.number == number)
    }

    fn line_of(&mut self, id: u32) -> Option<&mut Line> {
        [&mut self.main, &mut self.trial.line]
            .into_iter()
            .flatten()
            .find(|line| line.owns(id))
    }

    fn wants_trial(&self) -> bool {
        self.level > self.transports.best && self.trial.line.is_none() && self.is_up()
    }
}

#[cfg(test)]
mod tests;
