"""The six problems of AWS's article, and of the page that it links, as each of them says it in English and French."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text

PROBLEMS = {
    "caller-start-denied": (
        "Session Manager isn't authorized to start a session.",
        "Session Manager has no permission to start a session.",
        "No permission to start a session",
        "Session Manager n’a pas été autorisé à démarrer une session.",
        "Vous n'avez pas l'autorisation de démarrer une session",
        "Aucune autorisation pour démarrer une session",
    ),
    "caller-preferences-denied": (
        "Session Manager isn't authorized to change session preferences.",
        "Session Manager has no permission to change session preferences.",
        "No permission to change session preferences",
        "Le gestionnaire de session n’a pas été autorisé à modifier les préférences de la session.",
        "Aucune autorisation pour modifier les préférences de session",
    ),
    "not-registered": (
        "A managed node isn't available or isn't configured for Session Manager.",
        "Managed node not available or not configured for Session Manager",
        "Un nœud géré n’est pas disponible ou n’est pas configuré pour le gestionnaire de session.",
        "Nœud géré non disponible ou non configuré pour Session Manager",
    ),
    "plugin-not-on-path": (
        "Session Manager plugins aren't added to the command line path (Windows).",
        "Session Manager plugin not automatically added to command line path (Windows)",
        "Les plug-ins du gestionnaire de session ne sont pas ajoutés au chemin de la ligne de commande (Windows).",
        "Plug-in Session Manager non ajouté automatiquement au chemin d'accès de la ligne de commande (Windows)",
    ),
    "wrong-region-or-account": (
        "The system sends a TargetNotConnected error.",
        "TargetNotConnected",
        "Le système envoie une erreur TargetNotConnected.",
    ),
    "root-volume-full": (
        "Session Manager displays a blank screen when you start a session.",
        "Blank screen displays after starting a session",
        "Session Manager affiche un écran vide lorsque vous démarrez une session.",
        "Un écran vide s'affiche après le démarrage d'une session",
        "Affichage d'un écran vide après le démarrage d'une session",
    ),
}
"""By the cause that is the first to check."""


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in PROBLEMS.items() for text in texts])
def test_each_problem_names_its_cause_first(cause: str, text: str) -> None:
    for pasted in (text, f"  • {text}", f'"{text}"'):
        first, *_ = match_text(pasted, catalogue().values())
        assert first.cause == cause
