/* Exact outcomes of Connect Four positions, by alpha-beta search with a table.
 *
 *   cc -O3 -o c4 benchmarks/exact/connect_four.c
 *   ./c4 7 20 105 13 15   seed 7, positions after 20 random moves: 105 won ones, 13 with a win at hand, 15 drawn
 *   ./c4 < moves          one line for each line of columns, such as 1120151654
 *
 * A line of output is the columns that were played, then what each column comes to for the player to move:
 * 1 a win, 0 a draw, -1 a loss, -99 full. Positions come from uniformly random play without a win, the first of
 * each kind in the order in which they are met; those that are lost, and those in which all moves come to the
 * same, are left out.
 *
 * The held-out set of `jaxplay.arena.outcomes`: seed 7 and plies, won, at hand, drawn of
 * 10 62 8 10, 12 115 15 17, 14 148 17 16, 16 148 18 14, 18 115 15 17, 20 105 13 15, 22 89 11 7, 26 18 3 4.
 *
 * A column takes seven bits, the lowest cell first, the seventh always empty (the usual bitboard). A player with
 * a win at hand wins; one must answer the only threat; nobody moves below a cell where the opponent wins.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 7, ROWS = 6, HEIGHT = ROWS + 1, CELLS = COLUMNS * ROWS, TABLE_BITS = 26, FULL = -99 };
enum { EXACT, AT_LEAST, AT_MOST };
typedef uint64_t Bits;

static const int ORDER[COLUMNS] = {3, 2, 4, 1, 5, 0, 6};
static Bits floor_cells, board, *keys, random_state;
static int8_t *bounds;

static Bits column(int c) { return (((Bits)1 << ROWS) - 1) << (c * HEIGHT); }
static int count(Bits x) { return __builtin_popcountll(x); }

/* The empty cells that give `own` four in a row. */
static Bits winning(Bits own, Bits all) {
    Bits cells = (own << 1) & (own << 2) & (own << 3);
    for (int step = HEIGHT - 1; step <= HEIGHT + 1; step++) {
        Bits pair = (own << step) & (own << 2 * step);
        cells |= (pair & (own << 3 * step)) | (pair & (own >> step));
        pair = (own >> step) & (own >> 2 * step);
        cells |= (pair & (own << step)) | (pair & (own >> 3 * step));
    }
    return cells & (board ^ all);
}

static int has_four(Bits own) {
    static const int STEPS[4] = {1, HEIGHT - 1, HEIGHT, HEIGHT + 1};
    for (int i = 0; i < 4; i++) {
        Bits pairs = own & (own >> STEPS[i]);
        if (pairs & (pairs >> 2 * STEPS[i])) return 1;
    }
    return 0;
}

/* One number for a position and its mirror image. */
static Bits key_of(Bits own, Bits all) {
    Bits key = own + all, mirrored = 0;
    for (int c = 0; c < COLUMNS; c++) mirrored |= ((key >> (c * HEIGHT)) & 0x7F) << ((COLUMNS - 1 - c) * HEIGHT);
    return mirrored < key ? mirrored : key;
}

/* What the position is worth to the player to move, between alpha and beta. */
static int search(Bits own, Bits all, int alpha, int beta) {
    Bits legal = (all + floor_cells) & board;
    if (!legal) return 0;
    if (winning(own, all) & legal) return 1;
    Bits theirs = winning(own ^ all, all), forced = legal & theirs;
    if (forced & (forced - 1)) return -1;
    if (forced) legal = forced;
    legal &= ~(theirs >> 1);
    if (!legal) return -1;
    if (CELLS - count(all) <= 2) return 0;

    Bits key = key_of(own, all), place = (key * 0x9E3779B97F4A7C15ULL) >> (64 - TABLE_BITS);
    if (keys[place] == key) {
        int value = (bounds[place] & 3) - 1, kind = bounds[place] >> 2;
        if (kind == EXACT) return value;
        if (kind == AT_LEAST && value > alpha) alpha = value;
        if (kind == AT_MOST && value < beta) beta = value;
        if (alpha >= beta) return value;
    }

    Bits moves[COLUMNS];
    int threats[COLUMNS], number = 0;
    for (int i = 0; i < COLUMNS; i++) {
        Bits move = legal & column(ORDER[i]);
        if (!move) continue;
        int makes = count(winning(own | move, all | move)), j = number++;
        for (; j && threats[j - 1] < makes; j--) moves[j] = moves[j - 1], threats[j] = threats[j - 1];
        moves[j] = move, threats[j] = makes;
    }
    int best = -2, floor_of_window = alpha;
    for (int i = 0; i < number && alpha < beta; i++) {
        int value = -search(own ^ all, all | moves[i], -beta, -alpha);
        if (value > best) best = value;
        if (value > alpha) alpha = value;
    }
    int kind = best <= floor_of_window ? AT_MOST : best >= beta ? AT_LEAST : EXACT;
    keys[place] = key, bounds[place] = (int8_t)(kind * 4 + best + 1);
    return best;
}

static Bits next_cell(Bits all, int c) { return (all + ((Bits)1 << (c * HEIGHT))) & column(c); }

static void outcomes(Bits own, Bits all, int *outcome) {
    for (int c = 0; c < COLUMNS; c++) {
        Bits move = next_cell(all, c);
        if (!move) outcome[c] = FULL;
        else if (has_four(own | move)) outcome[c] = 1;
        else outcome[c] = -search(own ^ all, all | move, -1, 1);
    }
}

static void print_line(const char *line, const int *outcome) {
    printf("%s", line);
    for (int c = 0; c < COLUMNS; c++) printf(",%d", outcome[c]);
    puts("");
    fflush(stdout);
}

/* The stones after the columns of `line`: of the player to move, and all. */
static void replay(const char *line, Bits *own, Bits *all) {
    *own = *all = 0;
    for (; *line; line++) {
        Bits move = next_cell(*all, *line - '0');
        *own ^= *all;
        *all |= move;
    }
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static Bits draw(void) {
    Bits z = random_state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/* `plies` random columns; 0 if somebody wins on the way. */
static int play(int plies, char *line) {
    Bits own = 0, all = 0;
    for (int i = 0; i < plies; i++) {
        int c;
        do c = (int)(draw() % COLUMNS);
        while (!next_cell(all, c));
        Bits move = next_cell(all, c);
        if (has_four(own | move)) return 0;
        line[i] = (char)('0' + c);
        own ^= all;
        all |= move;
    }
    line[plies] = 0;
    return 1;
}

enum { WON, AT_HAND, DRAWN, KINDS, NEITHER };

/* Of what kind a position is. */
static int kind_of(Bits own, Bits all, const int *outcome) {
    int best = -1, worst = 1;
    for (int c = 0; c < COLUMNS; c++) {
        if (outcome[c] == FULL) continue;
        if (outcome[c] > best) best = outcome[c];
        if (outcome[c] < worst) worst = outcome[c];
    }
    if (best == worst || best < 0) return NEITHER;
    if (best == 0) return DRAWN;
    return winning(own, all) & (all + floor_cells) ? AT_HAND : WON;
}

static void solve_all(void) {
    char line[128];
    int outcome[COLUMNS];
    Bits own, all;
    while (scanf("%127s", line) == 1) {
        replay(line, &own, &all);
        outcomes(own, all, outcome);
        print_line(line, outcome);
    }
}

static void sample(Bits seed, int plies, int *wanted) {
    char line[CELLS + 1];
    int outcome[COLUMNS];
    Bits own, all;
    random_state = seed * 1000003ULL + (Bits)plies;
    while (wanted[WON] + wanted[AT_HAND] + wanted[DRAWN] > 0) {
        if (!play(plies, line)) continue;
        replay(line, &own, &all);
        outcomes(own, all, outcome);
        int kind = kind_of(own, all, outcome);
        if (kind == NEITHER || !wanted[kind]) continue;
        wanted[kind]--;
        print_line(line, outcome);
    }
}

int main(int argc, char **argv) {
    for (int c = 0; c < COLUMNS; c++) floor_cells |= (Bits)1 << (c * HEIGHT);
    board = floor_cells * (((Bits)1 << ROWS) - 1);
    keys = calloc((size_t)1 << TABLE_BITS, sizeof *keys);
    bounds = calloc((size_t)1 << TABLE_BITS, 1);
    int plies = argc == 6 ? atoi(argv[2]) : 1;
    if (!keys || !bounds || (argc != 1 && argc != 6) || plies < 1 || plies >= CELLS)
        return fprintf(stderr, "usage: c4 [SEED PLIES WON AT_HAND DRAWN], plies 1 to 41\n"), 2;
    if (argc == 1) {
        solve_all();
    } else {
        int wanted[KINDS] = {atoi(argv[3]), atoi(argv[4]), atoi(argv[5])};
        sample(strtoull(argv[1], 0, 10), plies, wanted);
    }
    return 0;
}
