/** The entry of every page: connects the small behaviours that components declare by data-*. */
import { connectCopyButtons } from "./copy.js";
import { connectDialogs } from "./dialog.js";
import { connectForms } from "./forms.js";
import { showOwnMoments } from "./moments.js";
import { connectThemeButtons } from "./theme.js";
import { connectToasts } from "./toast.js";
import { connectZoneOffer, fillZones } from "./zone.js";

document.documentElement.dataset.script = "";
connectThemeButtons();
connectDialogs();
connectToasts();
connectForms();
connectCopyButtons();
connectZoneOffer();
fillZones();
showOwnMoments();
document.addEventListener("htmx:afterSwap", showOwnMoments);
