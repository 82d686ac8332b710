namespace VideoLstm.Core.Reports;

/// <summary>What a person sets a timeline right with; it works only with the page's script, and is hidden without.</summary>
internal static class TimelineControls
{
    /// <summary>The way through the video.</summary>
    public static readonly Markup Player = new("""
        <div class="tools script" hidden>
        <div><button type="button" id="previous" aria-label="Previous segment">‹</button>
        <button type="button" id="frame-back" aria-label="One frame back">−1</button>
        <button type="button" id="play">Play</button>
        <button type="button" id="frame-on" aria-label="One frame on">+1</button>
        <button type="button" id="next" aria-label="Next segment">›</button></div>
        <p id="now"></p>
        <div><button type="button" id="out" aria-label="Zoom out">−</button>
        <button type="button" id="in" aria-label="Zoom in">+</button>
        <button type="button" id="whole">Whole</button></div>
        </div>
        """);

    /// <summary>What lies on the timeline.</summary>
    public static readonly Markup Sliders = new("""
        <div class="border script" id="from" role="slider" tabindex="0" aria-orientation="horizontal" hidden></div>
        <div class="border script" id="to" role="slider" tabindex="0" aria-orientation="horizontal" hidden></div>
        <div class="cursor script" hidden></div><div class="hint" hidden></div>
        """);

    /// <summary>Changes, saving, and what the keys do.</summary>
    public static readonly Markup Editor = new("""
        <section class="editor script" aria-labelledby="edit" hidden><h2 id="edit">Set right</h2>
        <p id="said" role="status"></p>
        <div id="kept"><p role="status" class="quiet"></p><div></div></div>
        <div class="tools">
        <div><label for="class">Class</label> <select id="class"></select></div>
        <div><label for="new">New class</label> <input id="new" maxlength="200" autocomplete="off" spellcheck="false">
        <button type="button" id="add">Add</button></div>
        <div><button type="button" id="undo">Undo</button> <button type="button" id="redo">Redo</button></div>
        </div>
        <div class="tools">
        <div><button type="button" id="split">Split here</button>
        <button type="button" id="start-here">Start here</button> <button type="button" id="end-here">End here</button></div>
        <div><button type="button" id="join-previous">Join with previous</button>
        <button type="button" id="join-next">Join with next</button></div>
        <div><button type="button" id="remove">Delete</button> <button type="button" id="revert">Back to the file</button></div>
        </div>
        <div class="tools">
        <div><label for="format">Format</label> <select id="format"></select> <button type="button" id="save">Save</button></div>
        <fieldset id="skipped" hidden><legend>Skip</legend><div></div></fieldset>
        </div>
        <details class="quiet"><summary>Keys</summary>
        <p>In timeline, borders and list: <kbd>S</kbd> splits at the play position, <kbd>[</kbd> and <kbd>]</kbd> bring the start or the
        end there, <kbd>J</kbd> joins with the next segment, <kbd>Shift</kbd> <kbd>J</kbd> with the previous one, <kbd>1</kbd>
        to <kbd>9</kbd> give a class, <kbd>C</kbd> chooses among all, <kbd>A</kbd> adds one, <kbd>Delete</kbd> leaves no class,
        <kbd>N</kbd> and <kbd>P</kbd> go from doubt to doubt, <kbd>,</kbd> and <kbd>.</kbd> a frame back and on,
        <span class="plays"><kbd>Space</kbd> plays, </span><kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom.</p>
        <p>In the timeline: <kbd>←</kbd> <kbd>→</kbd> segment, with <kbd>Shift</kbd> second, <kbd>Home</kbd> <kbd>End</kbd>. On a border:
        <kbd>←</kbd> <kbd>→</kbd> frame, with <kbd>Shift</kbd> second, <kbd>Page up</kbd> <kbd>Page down</kbd> cut. A border that is
        dragged falls on cuts nearby, but with <kbd>Alt</kbd>; <kbd>Esc</kbd> lets it go.</p>
        <p><kbd>Ctrl</kbd> <kbd>Z</kbd> undoes, <kbd>Ctrl</kbd> <kbd>Y</kbd> does again, <kbd>Ctrl</kbd> <kbd>S</kbd> saves.</p></details>
        </section>
        """);

    /// <summary>The order of the list, and the way from doubt to doubt.</summary>
    public static readonly Markup Order = new("""
        <div class="tools script" hidden>
        <div><label for="order">Order</label> <select id="order"><option value="time">by time</option>
        <option value="doubt">least sure first</option></select></div>
        <div><button type="button" id="more-doubt">Previous unsure</button>
        <button type="button" id="less-doubt">Next unsure</button></div>
        </div>
        """);
}
