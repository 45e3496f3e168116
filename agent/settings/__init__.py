"""The configuration: `sophia.toml`, `SOPHIA_…` variables, and what is built in. Nothing else reads the environment."""

from agent.settings.environment import (
    job_summary_file,
    own_environment,
    process_environment,
    system_user,
    terminal_identity,
)
from agent.settings.focus import Budget, Business, Competitor, Market, Page
from agent.settings.freeze import FreezeWindow
from agent.settings.loading import load
from agent.settings.machine import Embedder, Limits, Model, Network, PersonEntry, Slack, SlackUser, Storage
from agent.settings.problems import SettingsError, SettingsProblem
from agent.settings.recurring import Schedules
from agent.settings.stacks import Channel, HealthCheck, Stack
from agent.settings.whole import Settings

__all__ = [
    "Budget",
    "Business",
    "Channel",
    "Competitor",
    "Embedder",
    "FreezeWindow",
    "HealthCheck",
    "Limits",
    "Market",
    "Model",
    "Network",
    "Page",
    "PersonEntry",
    "Schedules",
    "Settings",
    "SettingsError",
    "SettingsProblem",
    "Slack",
    "SlackUser",
    "Stack",
    "Storage",
    "job_summary_file",
    "load",
    "own_environment",
    "process_environment",
    "system_user",
    "terminal_identity",
]
